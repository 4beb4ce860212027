package io.baton.bench.router;

import io.baton.kvblocks.BlockHasher;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The names of 32,768 tokens in blocks of 16: the part of a decision that grows with the prompt.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 3)
public class HashBench {
  private final BlockHasher hasher = new BlockHasher(BigIndex.BLOCK_TOKENS);
  private final int[] tokens =
      new SplittableRandom(4).ints(BigIndex.PROMPT_TOKENS, 0, 150_000).toArray();
  private final long[] local = hasher.localHashes(tokens);

  /** Made by JMH. */
  public HashBench() {}

  /** Each block for itself. */
  @Benchmark
  public long[] local() {
    return hasher.localHashes(tokens);
  }

  /** Each prefix, from the blocks; each waits for the one before. */
  @Benchmark
  public long[] chain() {
    return BlockHasher.sequenceHashes(local);
  }
}
