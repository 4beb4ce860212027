package io.baton.engine.sampling;

import io.baton.engine.backend.Logits;

/** A model that always says the same. */
final class FixedLogits implements Logits {
  private final float[] logits;

  FixedLogits(float... logits) {
    this.logits = logits;
  }

  @Override
  public int vocabSize() {
    return logits.length;
  }

  @Override
  public int argmax(int index) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  @Override
  public void logits(int index, float[] into) {
    System.arraycopy(logits, 0, into, 0, logits.length);
  }

  @Override
  public boolean decidesTokens() {
    return false;
  }
}
