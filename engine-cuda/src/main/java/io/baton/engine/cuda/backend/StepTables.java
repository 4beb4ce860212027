package io.baton.engine.cuda.backend;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.baton.engine.backend.StepBatch;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.PinnedMemory;
import java.lang.foreign.MemorySegment;

/**
 * A step's tables of integers, filled in host memory and copied to the device in one piece: token,
 * position, KV slot and sequence of each row; rows whose logits are wanted; rows of answers; and
 * the block table of each sequence. Used by one step at a time.
 */
final class StepTables implements AutoCloseable {
  private static final int LEAST_STRIDE = 16;

  private final int blockSize;
  private final int scratchBlock;
  private final int mostBlocks;
  private final PinnedMemory host;
  private final DeviceMemory device;
  private final MemorySegment ints;

  private int rows;
  private int logitRows;
  private int answers;
  private int sequences;
  private int stride;

  /**
   * Tables for steps within limits.
   *
   * @param scratchBlock a KV block that nobody reads: rows that only fill up a batch write there
   */
  StepTables(CudaDevice on, StepLimits limits, int blockSize, int scratchBlock) {
    this.blockSize = blockSize;
    this.scratchBlock = scratchBlock;
    this.mostBlocks = Math.ceilDiv(limits.positions(), blockSize);
    long most =
        5L * limits.rows()
            + limits.logitRows()
            + (long) limits.sequences() * Math.max(LEAST_STRIDE, roundedUp(mostBlocks));
    host = on.pin(most * Integer.BYTES, "a step's tables");
    device = on.allocate(most * Integer.BYTES, "a step's tables");
    ints = host.segment();
  }

  /** Blocks per sequence in the tables of a batch: enough for the longest, and a power of two. */
  int strideFor(StepBatch batch) {
    int longest = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      int last = batch.firstRow(s) + batch.rowCount(s) - 1;
      longest = Math.max(longest, batch.position(last));
    }
    return Math.max(LEAST_STRIDE, roundedUp(longest / blockSize + 1));
  }

  private static int roundedUp(int blocks) {
    return blocks <= 1 ? 1 : Integer.highestOneBit(blocks - 1) << 1;
  }

  /**
   * Takes a batch in.
   *
   * @param padded rows and sequences to fill it up to, for a step of one row a sequence; 0: none
   * @param newStride see {@link #strideFor}
   */
  void fill(StepBatch batch, int padded, int newStride) {
    rows = Math.max(batch.rows(), padded);
    logitRows = Math.max(batch.logitRows(), padded);
    sequences = Math.max(batch.sequences(), padded);
    stride = newStride;
    answers = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      fillSequence(batch, s);
    }
    for (int i = 0; i < batch.logitRows(); i++) {
      set(4 * rows + i, batch.logitRow(i));
    }
    for (int row = batch.rows(); row < rows; row++) {
      pad(row);
    }
  }

  private void fillSequence(StepBatch batch, int s) {
    int[] table = batch.blockTable(s);
    int end = batch.firstRow(s) + batch.rowCount(s);
    for (int row = batch.firstRow(s); row < end; row++) {
      int position = batch.position(row);
      set(row, batch.token(row));
      set(rows + row, position);
      set(2 * rows + row, table[position / blockSize] * blockSize + position % blockSize);
      set(3 * rows + row, s);
      if (position >= batch.promptLength(s)) {
        set(answersAt() + answers++, row);
      }
    }
    int used = batch.position(end - 1) / blockSize + 1;
    MemorySegment.copy(
        table, 0, ints, JAVA_INT, 4L * (tablesAt() + (long) s * stride), Math.min(used, stride));
  }

  private void pad(int row) {
    set(row, 0);
    set(rows + row, 0);
    set(2 * rows + row, scratchBlock * blockSize);
    set(3 * rows + row, row);
    set(4 * rows + row, row);
    set(answersAt() + answers++, row);
    set(tablesAt() + row * stride, scratchBlock);
  }

  private int answersAt() {
    return 4 * rows + logitRows;
  }

  private int tablesAt() {
    return 5 * rows + logitRows;
  }

  private void set(int index, int value) {
    ints.setAtIndex(JAVA_INT, index, value);
  }

  /** Puts the copy to the device into the stream. */
  void send(CudaStream stream) {
    long bytes = Integer.BYTES * (tablesAt() + (long) sequences * stride);
    stream.copyIn(device.address(), host.address(), bytes);
  }

  int rows() {
    return rows;
  }

  int logitRows() {
    return logitRows;
  }

  /** Rows of answers. */
  int answers() {
    return answers;
  }

  int stride() {
    return stride;
  }

  long tokens() {
    return device.address();
  }

  long positions() {
    return at(rows);
  }

  long slots() {
    return at(2L * rows);
  }

  /** Which sequence each row belongs to. */
  long sequenceOfRows() {
    return at(3L * rows);
  }

  long rowsOfLogits() {
    return at(4L * rows);
  }

  long rowsOfAnswers() {
    return at(answersAt());
  }

  long blockTables() {
    return at(tablesAt());
  }

  private long at(long index) {
    return device.address() + Integer.BYTES * index;
  }

  @Override
  public void close() {
    host.close();
    device.close();
  }
}
