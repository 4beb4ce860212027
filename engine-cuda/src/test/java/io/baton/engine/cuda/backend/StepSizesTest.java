package io.baton.engine.cuda.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Sizes that launches are made of. */
class StepSizesTest {
  @Test
  void batchesAreFilledUpToTheNextBucketAndNeverBeyondTheMost() {
    assertThat(DecodeGraphs.bucket(1, 64)).isEqualTo(1);
    assertThat(DecodeGraphs.bucket(5, 64)).isEqualTo(6);
    assertThat(DecodeGraphs.bucket(33, 64)).isEqualTo(40);
    assertThat(DecodeGraphs.bucket(61, 62)).isEqualTo(62);
    assertThat(DecodeGraphs.bucket(300, 512)).as("too many for a graph").isZero();
  }

  @Test
  void aGridHasASplitForEveryPartOfTheLongestContext() {
    for (int blocks = 1; blocks <= 4096; blocks++) {
      int perSplit =
          Math.max(FastAttention.LEAST_PER_SPLIT, Math.ceilDiv(blocks, FastAttention.MOST_SPLITS));
      int needed = Math.ceilDiv(blocks, perSplit);
      int stride = Math.max(16, Integer.highestOneBit(Math.max(1, blocks - 1)) << 1);
      assertThat(FastAttention.gridSplits(stride))
          .as("%d blocks", blocks)
          .isGreaterThanOrEqualTo(needed);
    }
  }

  @Test
  void aNormHasAThreadForEachSixteenBytesInWholeWarps() {
    assertThat(LayerKernels.normThreads(1)).isEqualTo(32);
    assertThat(LayerKernels.normThreads(33)).isEqualTo(64);
    assertThat(LayerKernels.normThreads(512)).isEqualTo(512);
    assertThat(LayerKernels.normThreads(5000)).isEqualTo(512);
  }
}
