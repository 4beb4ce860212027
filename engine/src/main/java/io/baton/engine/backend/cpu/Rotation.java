package io.baton.engine.backend.cpu;

import io.baton.engine.model.Rope;

/** Turns heads by their position: tables of cosines and sines, {@code [position, pair]}. */
final class Rotation {
  private final int pairs;
  private final float[] cos;
  private final float[] sin;

  Rotation(Rope rope, int positions) {
    float[] frequencies = rope.inverseFrequencies();
    pairs = frequencies.length;
    cos = new float[Math.multiplyExact(positions, pairs)];
    sin = new float[cos.length];
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < pairs; i++) {
        // The product is rounded to float, as in the reference.
        float angle = position * frequencies[i];
        cos[position * pairs + i] = (float) Math.cos(angle);
        sin[position * pairs + i] = (float) Math.sin(angle);
      }
    }
  }

  /** Rotates one head in place: pairs are dimensions i and i + half. */
  void rotate(float[] x, int offset, int position) {
    int table = position * pairs;
    for (int i = 0; i < pairs; i++) {
      float a = x[offset + i];
      float b = x[offset + pairs + i];
      float c = cos[table + i];
      float s = sin[table + i];
      x[offset + i] = a * c - b * s;
      x[offset + pairs + i] = b * c + a * s;
    }
  }
}
