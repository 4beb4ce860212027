package io.baton.engine.backend.cpu;

import io.baton.engine.backend.StepBatch;
import io.baton.engine.model.ModelConfig;

/**
 * Attention of all rows of a step in one layer. An item is one head of K and V with a run of rows
 * of one sequence.
 */
final class AttentionTask implements WorkerTeam.Task {
  /** Rows of one item; long prompts become several. */
  private static final int ROWS = 16;

  /** Multiplications below which waking other threads costs more than it gains. */
  private static final long ALONE = 50_000;

  private final WorkerTeam team;
  private final Kernels kernels;
  private final int kvHeads;
  private final int group;
  private final int headDim;
  private final int stride;
  private final AttentionJob[] jobs;
  private int[] itemSequence = new int[16];
  private int[] itemFirstRow = new int[16];
  private int runs;
  private long work;
  private StepBatch batch = new StepBatch();
  private float[] k = {};
  private float[] v = {};
  private float[] q = {};
  private float[] out = {};

  AttentionTask(WorkerTeam team, Kernels kernels, ModelConfig config, int blockSize) {
    this.team = team;
    this.kernels = kernels;
    this.kvHeads = config.kvHeads();
    this.group = config.group();
    this.headDim = config.headDim();
    this.stride = Kernels.padded(config.heads() * headDim);
    jobs = new AttentionJob[team.workers()];
    for (int i = 0; i < jobs.length; i++) {
      jobs[i] = new AttentionJob(kvHeads, headDim, blockSize);
    }
  }

  /** Cuts a step into items; once per step. */
  void plan(StepBatch newBatch) {
    batch = newBatch;
    runs = 0;
    work = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      int end = batch.firstRow(s) + batch.rowCount(s);
      for (int row = batch.firstRow(s); row < end; row += ROWS) {
        if (runs == itemSequence.length) {
          itemSequence = java.util.Arrays.copyOf(itemSequence, 2 * runs);
          itemFirstRow = java.util.Arrays.copyOf(itemFirstRow, 2 * runs);
        }
        itemSequence[runs] = s;
        itemFirstRow[runs] = row;
        runs++;
      }
      work += 2L * batch.rowCount(s) * (batch.position(end - 1) + 1) * kvHeads * group * headDim;
    }
  }

  /** Computes one layer: from q and the cache to out, both {@code [rows, padded heads * dim]}. */
  void run(float[] layerK, float[] layerV, float[] queries, float[] output) {
    k = layerK;
    v = layerV;
    q = queries;
    out = output;
    if (work < ALONE) {
      team.runAlone(this, runs * kvHeads);
    } else {
      team.run(this, runs * kvHeads);
    }
  }

  @Override
  public void run(int item, int worker) {
    // The last rows of a prompt see most: they go first, so that no worker is left alone with them.
    int which = runs - 1 - item / kvHeads;
    int sequence = itemSequence[which];
    int first = itemFirstRow[which];
    int end = Math.min(first + ROWS, batch.firstRow(sequence) + batch.rowCount(sequence));
    AttentionJob job = jobs[worker];
    job.kvHead = item % kvHeads;
    job.table = batch.blockTable(sequence);
    job.q = q;
    job.out = out;
    job.queries = 0;
    for (int row = first; row < end; row++) {
      for (int h = 0; h < group; h++) {
        job.offset[job.queries] = row * stride + (job.kvHead * group + h) * headDim;
        job.limit[job.queries] = batch.position(row) + 1;
        if (++job.queries == Kernels.QUERIES) {
          kernels.attend(k, v, job);
          job.queries = 0;
        }
      }
    }
    if (job.queries > 0) {
      kernels.attend(k, v, job);
    }
  }
}
