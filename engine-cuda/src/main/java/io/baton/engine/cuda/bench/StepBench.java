package io.baton.engine.cuda.bench;

import io.baton.engine.backend.Backend;
import io.baton.engine.backend.StepBatch;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Times steps of a backend. Each sequence lies in blocks of its own; what their KV holds does not
 * matter. One thread.
 */
public final class StepBench {
  /** Tokens of a block. */
  public static final int BLOCK_SIZE = 16;

  private static final int SPARE_BLOCKS = 2;

  private final Backend backend;
  private final StepBatch step = new StepBatch();

  public StepBench(Backend backend) {
    this.backend = backend;
  }

  /**
   * Steps of answers.
   *
   * @param medianMicros of a step, its tokens read
   * @param cpuShare of the step's thread in the time of the steps
   */
  public record Decode(double medianMicros, double cpuShare) {}

  /** Blocks that so many sequences of one length take. */
  public static int blocks(int sequences, int context) {
    return sequences * (context / BLOCK_SIZE + SPARE_BLOCKS);
  }

  /**
   * Every sequence gets its next token, again and again at the same place.
   *
   * @param warmUp steps before those that count; graphs are made in them
   */
  public Decode decode(int batch, int context, int warmUp, int steps) {
    var wall = new double[steps];
    long cpu = 0;
    for (int i = -warmUp; i < steps; i++) {
      long cpuBefore = cpuNanos();
      long before = System.nanoTime();
      backend.execute(answers(batch, context), layer -> {});
      for (int s = 0; s < batch; s++) {
        backend.argmax(s);
      }
      if (i >= 0) {
        wall[i] = (System.nanoTime() - before) / 1e3;
        cpu += cpuNanos() - cpuBefore;
      }
    }
    double sum = Arrays.stream(wall).sum();
    Arrays.sort(wall);
    return new Decode(wall[steps / 2], cpu / 1e3 / sum);
  }

  /** The step that {@link #decode} repeats. */
  public StepBatch answers(int batch, int context) {
    step.clear();
    for (int s = 0; s < batch; s++) {
      step.addSequence(table(context, blocks(s, context)), 0);
      step.addRow((7 * s + 1) % backend.vocabSize(), context - 1);
      step.wantLogits();
    }
    return step;
  }

  /**
   * One prompt in one step, from its first token.
   *
   * @param firstBlock where its KV goes
   * @return median seconds
   */
  public double prefill(int prompt, int firstBlock, int warmUp, int rounds) {
    int[] table = table(prompt, firstBlock);
    var seconds = new double[rounds];
    for (int i = -warmUp; i < rounds; i++) {
      step.clear();
      step.addSequence(table);
      for (int row = 0; row < prompt; row++) {
        step.addRow(row % Math.min(1000, backend.vocabSize()), row);
      }
      step.wantLogits();
      long before = System.nanoTime();
      backend.execute(step, layer -> {});
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - before) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return seconds[rounds / 2];
  }

  private static int[] table(int positions, int firstBlock) {
    var table = new int[positions / BLOCK_SIZE + SPARE_BLOCKS];
    for (int i = 0; i < table.length; i++) {
      table[i] = firstBlock + i;
    }
    return table;
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
