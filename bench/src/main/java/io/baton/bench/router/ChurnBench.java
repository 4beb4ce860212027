package io.baton.bench.router;

import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import io.baton.kvrouter.RouterStats;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Blocks stored and removed again in events of 32, of random hashes, in an index of ten million
 * blocks, by one thread. An event is applied when the call returns: nothing is left to drain.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", "-XX:+UseParallelGC", "-XX:+AlwaysPreTouch"})
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 3, time = 5)
public class ChurnBench {
  private static final int EVENT_BLOCKS = 32;
  private static final int RUNS = 1 << 13;
  private static final int HELD_RUNS = RUNS / 2;

  private BigIndex index = new BigIndex();
  private final KvEvent.Stored[] stored = new KvEvent.Stored[RUNS];
  private final KvEvent.Removed[] removed = new KvEvent.Removed[RUNS];
  private int next;

  /** Made by JMH. */
  public ChurnBench() {}

  @Setup
  public void prepare() {
    var random = new SplittableRandom(4);
    for (int i = 0; i < RUNS; i++) {
      long[] run = random.longs(EVENT_BLOCKS).toArray();
      stored[i] = new KvEvent.Stored(java.util.OptionalLong.empty(), run, run, KvTier.DEVICE);
      removed[i] = new KvEvent.Removed(run, KvTier.DEVICE);
    }
  }

  /** One event stores blocks, one removes others. */
  @Benchmark
  @OperationsPerInvocation(2 * EVENT_BLOCKS)
  public void storeAndRemove() {
    int turn = next++ & (RUNS - 1);
    int old = (turn - HELD_RUNS) & (RUNS - 1);
    index.router.apply(index.workers[turn % BigIndex.WORKERS], stored[turn]);
    index.router.apply(index.workers[old % BigIndex.WORKERS], removed[old]);
  }

  /** Bytes a block, for the log. */
  @TearDown
  public void memory() {
    RouterStats stats = index.router.stats();
    System.out.printf(
        "%nindex: %d blocks, %d bytes, %.1f bytes a block%n",
        stats.indexBlocks(), stats.indexBytes(), (double) stats.indexBytes() / stats.indexBlocks());
  }
}
