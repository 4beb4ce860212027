package io.baton.kvrouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverlapSearchTest {
  private int lookups;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void findsEveryRanksOverlapAtAnyLengthAndFleetSize(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 50; round++) {
      int blocks = random.nextInt(0, 300);
      int ranks = random.nextInt(1, 200);
      int[] held = random.ints(ranks, 0, blocks + 1).toArray();

      assertThat(search(blocks, held, all(ranks), false)).startsWith(held);
      assertThat(search(blocks, held, all(ranks), true)).startsWith(held);
    }
  }

  @Test
  void ranksThatAreNotCandidatesAreNotReported() {
    int[] found = search(8, new int[] {3, 8, 5}, new long[] {0b101}, false);

    assertThat(found).startsWith(3, 0, 5);
  }

  @Test
  void aPromptThatNobodyKnowsCostsOneLookup() {
    search(2048, new int[8], all(8), false);

    assertThat(lookups).isEqualTo(1);
  }

  @Test
  void lookupsGrowWithTheLogarithmOfTheBlocksAndNotWithTheBlocks() {
    search(2048, new int[] {2000, 2000, 0, 0, 0, 0, 0, 0}, all(8), false);

    assertThat(lookups).isLessThanOrEqualTo(2 + 11);
  }

  @Test
  void withHolesPossibleEveryBlockIsLookedUpAndOnlyTheUnbrokenRunCounts() {
    // Rank 0 has lost block 2 of 6 and kept its children.
    OverlapSearch.Holders holders = (hash, into, at, words) -> into[at] |= hash == 2 ? 0 : 1;
    int[] found = new int[Long.SIZE];

    new OverlapSearch()
        .over(LongStream.range(0, 6).toArray(), 6, all(1), true)
        .search(holders, found);

    assertThat(found[0]).isEqualTo(2);
  }

  /** Block i of the prompt has hash i; rank r holds the first {@code held[r]} blocks. */
  private int[] search(int blocks, int[] held, long[] candidates, boolean everyBlock) {
    lookups = 0;
    int[] found = new int[Long.SIZE * candidates.length];
    OverlapSearch.Holders holders =
        (hash, into, at, words) -> {
          lookups++;
          IntStream.range(0, held.length)
              .filter(rank -> hash < held[rank] && rank >>> 6 < words)
              .forEach(rank -> into[at + (rank >>> 6)] |= 1L << rank);
        };
    new OverlapSearch()
        .over(LongStream.range(0, blocks).toArray(), blocks, candidates, everyBlock)
        .search(holders, found);
    return found;
  }

  private static long[] all(int ranks) {
    long[] set = new long[(ranks + 63) / 64];
    IntStream.range(0, ranks).forEach(rank -> set[rank >>> 6] |= 1L << rank);
    return set;
  }
}
