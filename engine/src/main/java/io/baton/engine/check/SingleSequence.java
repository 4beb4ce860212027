package io.baton.engine.check;

import io.baton.engine.backend.Backend;
import io.baton.engine.backend.StepBatch;

/** Runs one sequence on a backend, in the backend's first blocks. */
final class SingleSequence {
  private final Backend backend;
  private final int[] table;
  private final StepBatch batch = new StepBatch();
  private int length;

  SingleSequence(Backend backend, int blockSize, int blocks) {
    this.backend = backend;
    this.table = new int[blocks];
    for (int i = 0; i < blocks; i++) {
      table[i] = i;
    }
    if (blockSize < 1) {
      throw new IllegalArgumentException("blockSize: " + blockSize + " (expected: at least 1)");
    }
  }

  /** Computes these tokens, the logits of all of them, in one step. */
  void compute(int[] tokens) {
    batch.clear();
    batch.addSequence(table);
    for (int token : tokens) {
      batch.addRow(token, length++);
      batch.wantLogits();
    }
    backend.execute(batch, layer -> {});
  }

  float[] logits(int index) {
    var logits = new float[backend.vocabSize()];
    backend.logits(index, logits);
    return logits;
  }

  int argmax(int index) {
    return backend.argmax(index);
  }
}
