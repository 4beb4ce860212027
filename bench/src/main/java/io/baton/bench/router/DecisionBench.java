package io.baton.bench.router;

import io.baton.kvblocks.BlockHashes;
import io.baton.kvrouter.NoWorkerException;
import io.baton.kvrouter.Phase;
import io.baton.kvrouter.RouteReceipt;
import io.baton.kvrouter.RouteRequest;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whole decisions: hash, look up, weigh eight candidates, reserve, predict, write the receipt, and
 * give the reservation back. The prompts are taken in turn, so that none is in the processor's
 * caches.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xms2g",
      "-Xmx2g",
      "-XX:+UseParallelGC",
      "-XX:+AlwaysPreTouch",
      "-XX:+UseTransparentHugePages"
    })
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 3, time = 5)
public class DecisionBench {
  private BigIndex index = new BigIndex();
  private BlockHashes[] unknown = new BlockHashes[0];
  private int next;

  /** Made by JMH. */
  public DecisionBench() {}

  @Setup
  public void prepare() {
    var random = new SplittableRandom(3);
    unknown = new BlockHashes[BigIndex.PROMPTS];
    for (int i = 0; i < unknown.length; i++) {
      long[] run = random.longs(BigIndex.PROMPT_TOKENS / BigIndex.BLOCK_TOKENS).toArray();
      unknown[i] = new BlockHashes(BigIndex.BLOCK_TOKENS, BigIndex.PROMPT_TOKENS, run, run);
    }
  }

  /** 32,768 tokens that were never hashed. */
  @Benchmark
  public RouteReceipt tokens() throws NoWorkerException {
    return decide(RouteRequest.of("r", Phase.AGGREGATED, index.prompts[turn()]));
  }

  /** The same with hashes known. */
  @Benchmark
  public RouteReceipt knownHashes() throws NoWorkerException {
    int turn = turn();
    return decide(
        RouteRequest.of("r", Phase.AGGREGATED, index.prompts[turn])
            .withHashes(Optional.of(index.hashes[turn])));
  }

  /** Hashes known, and no worker holds the first block. */
  @Benchmark
  public RouteReceipt firstBlockMisses() throws NoWorkerException {
    int turn = turn();
    return decide(
        RouteRequest.of("r", Phase.AGGREGATED, index.prompts[turn])
            .withHashes(Optional.of(unknown[turn])));
  }

  private RouteReceipt decide(RouteRequest request) throws NoWorkerException {
    RouteReceipt receipt = index.router.route(request);
    receipt.reservation().release();
    return receipt;
  }

  private int turn() {
    next = (next + 1) % BigIndex.PROMPTS;
    return next;
  }
}
