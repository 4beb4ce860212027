package io.baton.engine.model;

/**
 * Rotary position embedding in the rotate-half form: how fast each pair of a head's dimensions
 * turns with the position.
 *
 * @param inverseFrequencies radians per position, one per pair, {@code headDim / 2} of them
 */
public record Rope(float[] inverseFrequencies) {

  /** One speed per pair, {@code theta^(-2i / headDim)}. */
  static Rope unscaled(double theta, int headDim) {
    var frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      // In float where the reference is in float: at long contexts the rounding shows.
      float exponent = (float) (2 * i) / (float) headDim;
      frequencies[i] = 1f / (float) Math.pow(theta, exponent);
    }
    return new Rope(frequencies);
  }

  /** Positions divided by a factor. */
  Rope linear(double factor) {
    var scaled = new float[inverseFrequencies.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (inverseFrequencies[i] / factor);
    }
    return new Rope(scaled);
  }

  /**
   * Llama 3's scaling: slow pairs are slowed by the factor, fast ones left alone, those between are
   * blended by how many turns they make in the original length.
   */
  Rope llama3(double factor, double lowFrequency, double highFrequency, double originalLength) {
    double longest = originalLength / lowFrequency;
    double shortest = originalLength / highFrequency;
    var scaled = new float[inverseFrequencies.length];
    for (int i = 0; i < scaled.length; i++) {
      double frequency = inverseFrequencies[i];
      double wavelength = 2 * Math.PI / frequency;
      if (wavelength > longest) {
        frequency /= factor;
      } else if (wavelength >= shortest) {
        double smooth =
            (originalLength / wavelength - lowFrequency) / (highFrequency - lowFrequency);
        frequency = (1 - smooth) * frequency / factor + smooth * frequency;
      }
      scaled[i] = (float) frequency;
    }
    return new Rope(scaled);
  }
}
