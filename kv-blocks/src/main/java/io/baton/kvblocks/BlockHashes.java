package io.baton.kvblocks;

/**
 * The names of a prompt's full blocks. Arrays are owned by this record and must not be changed.
 *
 * @param blockSize tokens per block
 * @param tokenCount tokens of the whole prompt, the remainder after the last full block included
 * @param local local hashes, one per full block
 * @param sequence sequence hashes, one per full block: {@code sequence[i]} names blocks 0 to i
 */
public record BlockHashes(int blockSize, int tokenCount, long[] local, long[] sequence) {

  /** Checks that the parts fit together. */
  public BlockHashes {
    if (local.length != sequence.length) {
      throw new IllegalArgumentException(
          "sequence.length: "
              + sequence.length
              + " (expected: local.length = "
              + local.length
              + ")");
    }
    if (blockSize < 1) {
      throw new IllegalArgumentException("blockSize: " + blockSize + " (expected: >= 1)");
    }
  }

  /** Full blocks in the prompt. */
  public int blockCount() {
    return sequence.length;
  }
}
