package io.baton.engine.sampling;

import java.util.Arrays;

/** Scratch space for choosing one token at a time, shared by all requests of a scheduler. */
public final class Workspace {
  final float[] logits;
  final float[] weights;
  final long[] allowed;
  final Edits edits;
  final TopSelector top = new TopSelector();

  public Workspace(int vocabSize) {
    logits = new float[vocabSize];
    weights = new float[vocabSize];
    allowed = new long[(vocabSize + 63) / 64];
    edits = new Edits(vocabSize);
  }

  void clearAllowed() {
    Arrays.fill(allowed, 0);
  }
}
