package io.baton.kvrouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixIndexTest {
  private final CacheSlots slots = new CacheSlots();

  @ParameterizedTest(name = "{0} ranks, {1} tiers, seed {2}")
  @CsvSource({"1,1,1", "8,1,2", "64,1,3", "65,1,4", "200,1,5", "8,3,6", "70,2,7", "130,3,8"})
  void afterAnyHistoryItKnowsExactlyWhatANaiveMapKnows(int ranks, int tiers, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    PrefixIndex index = newIndex(1 << 16);
    List<CacheSlot> claimed = new ArrayList<>();
    for (int i = 0; i < ranks; i++) {
      claimed.add(slots.claim());
    }
    NaiveIndex naive = new NaiveIndex();

    for (int step = 0; step < 20_000; step++) {
      int rank = random.nextInt(ranks);
      long hash = mixed(random.nextLong(3_000));
      int tier = random.nextInt(tiers);
      int kind = random.nextInt(1000);
      if (kind == 0) {
        naive.forget(claimed.get(rank));
        slots.retire(claimed.get(rank));
        claimed.set(rank, slots.claim());
      } else if (kind < 600) {
        assertThat(index.add(hash, tier, claimed.get(rank)))
            .isEqualTo(naive.add(hash, tier, claimed.get(rank)));
      } else {
        assertThat(index.remove(hash, tier, claimed.get(rank)))
            .isEqualTo(naive.remove(hash, tier, claimed.get(rank)));
      }
    }

    for (CacheSlot slot : claimed) {
      assertThat(slot.heldBlocks.get()).isEqualTo(naive.held(slot));
      for (long i = 0; i < 3_000; i++) {
        long hash = mixed(i);
        assertThat(index.holds(hash, slot)).isEqualTo(naive.holds(hash, slot, tiers));
        for (int planes = 1; planes <= tiers; planes++) {
          assertThat(isHolder(index, hash, planes, slot))
              .isEqualTo(naive.holds(hash, slot, planes));
        }
      }
    }
    index.sweep();
    assertThat(index.blocks()).isEqualTo(naive.blocks());
    assertThat(index.evictions()).isZero();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void atItsLimitItForgetsAndCountsButNeverInvents(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    PrefixIndex index = newIndex(1_000);
    CacheSlot one = slots.claim();
    CacheSlot other = slots.claim();
    NaiveIndex naive = new NaiveIndex();

    for (int step = 0; step < 50_000; step++) {
      CacheSlot slot = random.nextBoolean() ? one : other;
      long hash = mixed(random.nextLong(10_000));
      if (random.nextInt(3) > 0) {
        index.add(hash, 0, slot);
        naive.add(hash, 0, slot);
      } else {
        index.remove(hash, 0, slot);
        naive.remove(hash, 0, slot);
      }
      assertThat(index.blocks()).isLessThanOrEqualTo(index.capacity());
    }

    long found = 0;
    for (long i = 0; i < 10_000; i++) {
      long hash = mixed(i);
      for (CacheSlot slot : List.of(one, other)) {
        if (index.holds(hash, slot)) {
          assertThat(naive.holds(hash, slot, 1)).isTrue();
          found++;
        }
      }
    }
    assertThat(index.evictions()).isPositive();
    assertThat(one.heldBlocks.get() + other.heldBlocks.get()).isEqualTo(found);
    assertThat(index.blocks()).isGreaterThan(900);
  }

  @Test
  void atItsLimitItKeepsWhatLookupsTouch() {
    PrefixIndex index = newIndex(1_000);
    CacheSlot slot = slots.claim();
    long shared = mixed(-1);
    index.add(shared, 0, slot);

    for (long i = 1; i < 20_000; i++) {
      index.add(mixed(i), 0, slot);
      assertThat(isHolder(index, shared, 1, slot)).isTrue();
    }
  }

  @Test
  void blocksOfRanksThatLeftMakeRoomBeforeOthersAreForgotten() {
    PrefixIndex index = newIndex(1_000);
    CacheSlot gone = slots.claim();
    CacheSlot here = slots.claim();
    for (long hash = 1; hash <= 900; hash++) {
      index.add(hash, 0, gone);
    }
    slots.retire(gone);

    for (long hash = 1_001; hash <= 1_500; hash++) {
      index.add(hash, 0, here);
    }

    assertThat(index.evictions()).isZero();
    assertThat(here.heldBlocks.get()).isEqualTo(500);
  }

  @Test
  void placesOfRanksThatLeftAreUsedAgainWithoutTheirBlocks() {
    PrefixIndex index = newIndex(1_000);
    for (int life = 0; life < 1_000; life++) {
      CacheSlot slot = slots.claim();
      assertThat(index.holds(7, slot)).isFalse();
      index.add(7, 0, slot);
      slots.retire(slot);
    }

    assertThat(slots.live()).hasSize(1);
  }

  @Test
  void oneTierAndUpTo64RanksTakeLessThan32BytesABlock() {
    PrefixIndex index = newIndex(1 << 18);
    CacheSlot slot = slots.claim();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 1 << 19; i++) {
      index.add(random.nextLong(), 0, slot);
    }

    assertThat((double) index.bytes() / index.blocks()).isLessThan(32);
  }

  @Test
  void theHashThatMarksFreeRowsIsAHashLikeAnyOther() {
    PrefixIndex index = newIndex(1_000);
    CacheSlot slot = slots.claim();

    assertThat(index.holds(0, slot)).isFalse();
    assertThat(index.add(0, 0, slot)).isTrue();
    assertThat(index.holds(0, slot)).isTrue();
    assertThat(index.remove(0, 0, slot)).isTrue();
    assertThat(index.holds(0, slot)).isFalse();
  }

  private PrefixIndex newIndex(int capacity) {
    PrefixIndex index = new PrefixIndex(slots, slots::count, capacity);
    slots.attach(index);
    return index;
  }

  private static boolean isHolder(PrefixIndex index, long hash, int planes, CacheSlot slot) {
    long[] holders = new long[slot.word() + 1];
    index.addHolders(hash, planes, holders, 0, holders.length);
    return (holders[slot.word()] & slot.mask()) != 0;
  }

  /** Hashes spread over all 64 bits, as real ones do. */
  private static long mixed(long i) {
    return i * 0x9E3779B97F4A7C15L;
  }

  /** The same knowledge in the plainest form. */
  private static final class NaiveIndex {
    private final Map<CacheSlot, List<Set<Long>>> held = new HashMap<>();

    boolean add(long hash, int tier, CacheSlot slot) {
      return tiers(slot).get(tier).add(hash);
    }

    boolean remove(long hash, int tier, CacheSlot slot) {
      return tiers(slot).get(tier).remove(hash);
    }

    void forget(CacheSlot slot) {
      held.remove(slot);
    }

    boolean holds(long hash, CacheSlot slot, int planes) {
      return tiers(slot).subList(0, planes).stream().anyMatch(tier -> tier.contains(hash));
    }

    long held(CacheSlot slot) {
      return tiers(slot).stream().mapToLong(Set::size).sum();
    }

    long blocks() {
      Set<Long> all = new HashSet<>();
      held.values().forEach(tiers -> tiers.forEach(all::addAll));
      return all.size();
    }

    private List<Set<Long>> tiers(CacheSlot slot) {
      return held.computeIfAbsent(
          slot, _ -> List.of(new HashSet<>(), new HashSet<>(), new HashSet<>()));
    }
  }
}
