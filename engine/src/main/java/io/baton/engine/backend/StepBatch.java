package io.baton.engine.backend;

import java.util.Arrays;

/**
 * One step's work as flat tables that a device can take as they are: rows (one token each), grouped
 * by sequence, and for each sequence where its KV blocks are. Reused from step to step; grows to
 * the largest batch seen and then allocates no more.
 */
public final class StepBatch {
  private int rows;
  private int[] tokens = new int[64];
  private int[] positions = new int[64];

  private int sequences;
  private int[] firstRow = new int[16];
  private int[] rowCount = new int[16];
  private int[] promptLength = new int[16];
  private int[][] blockTables = new int[16][];

  private int logitRows;
  private int[] logitRow = new int[16];

  private int prefillRows;

  /** Empties the batch. */
  public void clear() {
    Arrays.fill(blockTables, 0, sequences, null);
    rows = 0;
    sequences = 0;
    logitRows = 0;
    prefillRows = 0;
  }

  /**
   * Adds a sequence; its rows follow by {@link #addRow}.
   *
   * @param blockTable block numbers, one per {@code blockSize} positions; must not change during
   *     the step
   */
  public void addSequence(int[] blockTable) {
    addSequence(blockTable, Integer.MAX_VALUE);
  }

  /**
   * Adds a sequence; its rows follow by {@link #addRow}.
   *
   * @param prompt tokens of its prompt: rows of later positions belong to the answer, which
   *     backends may compute in another way
   */
  public void addSequence(int[] blockTable, int prompt) {
    if (sequences == firstRow.length) {
      firstRow = Arrays.copyOf(firstRow, 2 * sequences);
      rowCount = Arrays.copyOf(rowCount, 2 * sequences);
      promptLength = Arrays.copyOf(promptLength, 2 * sequences);
      blockTables = Arrays.copyOf(blockTables, 2 * sequences);
    }
    firstRow[sequences] = rows;
    rowCount[sequences] = 0;
    promptLength[sequences] = prompt;
    blockTables[sequences] = blockTable;
    sequences++;
  }

  /** Adds the next token of the sequence added last; positions rise by one. */
  public void addRow(int token, int position) {
    if (rows == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * rows);
      positions = Arrays.copyOf(positions, 2 * rows);
    }
    tokens[rows] = token;
    positions[rows] = position;
    rows++;
    rowCount[sequences - 1]++;
  }

  /**
   * Asks for the logits of the row added last.
   *
   * @return index to read them by
   */
  public int wantLogits() {
    if (logitRows == logitRow.length) {
      logitRow = Arrays.copyOf(logitRow, 2 * logitRows);
    }
    logitRow[logitRows] = rows - 1;
    return logitRows++;
  }

  /** Notes that this many of the rows belong to prompts; simulated time depends on it. */
  public void countPrefillRows(int count) {
    prefillRows += count;
  }

  public int rows() {
    return rows;
  }

  public int token(int row) {
    return tokens[row];
  }

  /** Index of the row's token in its sequence, from 0. */
  public int position(int row) {
    return positions[row];
  }

  public int sequences() {
    return sequences;
  }

  public int firstRow(int sequence) {
    return firstRow[sequence];
  }

  public int rowCount(int sequence) {
    return rowCount[sequence];
  }

  /** Tokens of the sequence's prompt. */
  public int promptLength(int sequence) {
    return promptLength[sequence];
  }

  public int[] blockTable(int sequence) {
    return blockTables[sequence];
  }

  public int logitRows() {
    return logitRows;
  }

  /** The row whose logits have this index. */
  public int logitRow(int index) {
    return logitRow[index];
  }

  public int prefillRows() {
    return prefillRows;
  }
}
