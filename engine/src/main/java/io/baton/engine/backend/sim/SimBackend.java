package io.baton.engine.backend.sim;

import io.baton.engine.EngineSettings.SimTiming;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.BackendException;
import io.baton.engine.backend.KvLayout;
import io.baton.engine.backend.StepBatch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;

/**
 * Simulates a model. KV of a position is a 64-bit digest of the whole prefix: the digest of the
 * position before, read from its block, mixed with the token. The next token is that digest's
 * choice, so equal prompts give equal answers in every engine.
 */
public final class SimBackend implements Backend {
  private static final int LAYERS = 1;

  private final SimTiming timing;
  private final SimClock clock;
  private final int blockSize;
  private final int vocabSize;
  private final Set<Integer> neverChosen;
  private final KvLayout layout;

  /** {@code [block, blockSize]} */
  private final long[] digests;

  /** {@code [host block, blockSize]} */
  private final long[] hostDigests;

  private final byte[] padding;
  private int[] chosen = new int[16];
  private int steps;

  /**
   * A simulated model.
   *
   * @param neverChosen tokens that never come up: end tokens, so that an answer has the length that
   *     was asked for, and control tokens
   * @param modelName part of the KV layout
   */
  public SimBackend(
      SimTiming timing,
      SimClock clock,
      int blockSize,
      int blocks,
      int hostBlocks,
      int vocabSize,
      Set<Integer> neverChosen,
      String modelName) {
    if (neverChosen.size() >= vocabSize) {
      throw new IllegalArgumentException(
          "vocabulary: " + vocabSize + " (expected: more than control tokens alone)");
    }
    this.timing = timing;
    this.clock = clock;
    this.blockSize = blockSize;
    this.vocabSize = vocabSize;
    this.neverChosen = neverChosen;
    this.digests = new long[Math.multiplyExact(blocks, blockSize)];
    this.hostDigests = new long[Math.multiplyExact(hostBlocks, blockSize)];
    this.padding = new byte[blockSize * (timing.kvBytesPerToken() - Long.BYTES)];
    this.layout =
        new KvLayout(
            LAYERS,
            blockSize * timing.kvBytesPerToken(),
            "sim/" + modelName + "/" + timing.kvBytesPerToken() + "x" + blockSize);
  }

  @Override
  public String name() {
    return "sim";
  }

  @Override
  public KvLayout layout() {
    return layout;
  }

  @Override
  public int vocabSize() {
    return vocabSize;
  }

  @Override
  public boolean decidesTokens() {
    return true;
  }

  @Override
  public void execute(StepBatch batch, LayerListener listener) {
    if (timing.breakAfterSteps() > 0 && steps++ >= timing.breakAfterSteps()) {
      throw new BackendException(
          "the simulated device is lost after "
              + timing.breakAfterSteps()
              + " steps, as break-after-steps says",
          true);
    }
    int logitIndex = 0;
    if (chosen.length < batch.logitRows()) {
      chosen = new int[2 * batch.logitRows()];
    }
    for (int s = 0; s < batch.sequences(); s++) {
      int[] table = batch.blockTable(s);
      int end = batch.firstRow(s) + batch.rowCount(s);
      for (int row = batch.firstRow(s); row < end; row++) {
        int position = batch.position(row);
        long before = position == 0 ? 0 : digests[slot(table, position - 1)];
        long digest = mix(before + mix(batch.token(row) + 1L) + position);
        digests[slot(table, position)] = digest;
        if (logitIndex < batch.logitRows() && batch.logitRow(logitIndex) == row) {
          chosen[logitIndex++] = choose(digest);
        }
      }
    }
    passTime(batch);
    listener.onLayer(0);
  }

  private int slot(int[] table, int position) {
    return table[position / blockSize] * blockSize + position % blockSize;
  }

  private int choose(long digest) {
    int token = (int) Long.remainderUnsigned(mix(digest), vocabSize);
    while (neverChosen.contains(token)) {
      token = token + 1 == vocabSize ? 0 : token + 1;
    }
    return token;
  }

  private void passTime(StepBatch batch) {
    int prefill = batch.prefillRows();
    int decode = batch.rows() - prefill;
    long nanos = 0;
    if (prefill > 0) {
      nanos += timing.prefillBase().toNanos() + prefill * timing.prefillPerToken().toNanos();
    }
    if (decode > 0) {
      nanos += timing.decodeBase().toNanos() + decode * timing.decodePerRequest().toNanos();
    }
    if (nanos > 0) {
      clock.pass(nanos);
    }
  }

  /** Spreads 64 bits; the finalizer of SplitMix64. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  @Override
  public int argmax(int index) {
    return chosen[index];
  }

  @Override
  public void logits(int index, float[] into) {
    Arrays.fill(into, 0, vocabSize, 0f);
    into[chosen[index]] = 20f;
  }

  @Override
  public void copyToHost(int block, int hostBlock) {
    System.arraycopy(digests, block * blockSize, hostDigests, hostBlock * blockSize, blockSize);
  }

  @Override
  public void copyFromHost(int hostBlock, int block) {
    System.arraycopy(hostDigests, hostBlock * blockSize, digests, block * blockSize, blockSize);
  }

  @Override
  public void exportBlock(int block, int layer, ByteBuffer into) {
    for (int i = 0; i < blockSize; i++) {
      into.putLong(digests[block * blockSize + i]);
    }
    into.put(padding);
  }

  @Override
  public void importBlock(int block, int layer, ByteBuffer from) {
    for (int i = 0; i < blockSize; i++) {
      digests[block * blockSize + i] = from.getLong();
    }
    from.position(from.position() + padding.length);
  }

  @Override
  public void close() {}
}
