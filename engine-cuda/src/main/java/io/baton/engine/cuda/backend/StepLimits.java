package io.baton.engine.cuda.backend;

/**
 * Most that one step may hold; buffers are made for it at start.
 *
 * @param rows tokens
 * @param logitRows tokens whose logits are wanted
 * @param sequences requests
 * @param positions of a sequence
 */
record StepLimits(int rows, int logitRows, int sequences, int positions) {
  StepLimits {
    if (rows < 1 || logitRows < 1 || sequences < 1 || positions < 1) {
      throw new IllegalArgumentException(
          "rows, logitRows, sequences, positions: %d, %d, %d, %d (expected: at least 1)"
              .formatted(rows, logitRows, sequences, positions));
    }
  }
}
