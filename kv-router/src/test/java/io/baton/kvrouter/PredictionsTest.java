package io.baton.kvrouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PredictionsTest {
  private static final long LIFETIME = 1_000;

  private final CacheSlots slots = new CacheSlots();
  private final CacheSlot slot = slots.claim();
  private long now = Long.MAX_VALUE - LIFETIME / 2;

  @Test
  void aPredictionCountsAtOnce() {
    Predictions predictions = predictions(100, LIFETIME);

    predictions.add(blocks(1, 5), 2, slot);

    assertThat(predicted(predictions, 1, 5)).containsExactly(3, 4, 5);
    assertThat(predictions.isEmpty()).isFalse();
  }

  @Test
  void aPredictionLivesBetweenHalfALifetimeAndAWholeOne() {
    for (long offset = 0; offset < LIFETIME; offset += 50) {
      Predictions predictions = predictions(100, LIFETIME);
      predictions.add(blocks(1, 1), 0, slot);
      now += offset;
      predictions.add(blocks(2, 2), 0, slot);

      now += LIFETIME / 2 - 1;
      predictions.expire();
      assertThat(predicted(predictions, 2, 2)).containsExactly(2);

      now += LIFETIME / 2 + 1;
      predictions.expire();
      assertThat(predicted(predictions, 1, 2)).isEmpty();
      assertThat(predictions.isEmpty()).isTrue();
      assertThat(predictions.blocks()).isZero();
    }
  }

  @Test
  void afterAnIdleTimeNewPredictionsLiveAsLongAsAnyOther() {
    Predictions predictions = predictions(100, LIFETIME);
    now += 10 * LIFETIME;
    predictions.add(blocks(1, 1), 0, slot);

    now += LIFETIME / 2 - 1;
    predictions.expire();

    assertThat(predicted(predictions, 1, 1)).containsExactly(1);
  }

  @Test
  void aFullGenerationEndsEarlyAndIsCounted() {
    Predictions predictions = predictions(100, LIFETIME);
    for (int prompt = 0; prompt < 20; prompt++) {
      predictions.add(blocks(1 + 10 * prompt, 10 + 10 * prompt), 0, slot);
      assertThat(predictions.blocks()).isLessThanOrEqualTo(100);
    }

    assertThat(predictions.cuts()).isEqualTo(3);
    assertThat(predicted(predictions, 101, 200)).hasSize(100);
  }

  @Test
  void ofAPromptLongerThanAGenerationTheFirstBlocksArePredicted() {
    Predictions predictions = predictions(100, LIFETIME);

    predictions.add(blocks(1, 1_000), 0, slot);

    assertThat(predicted(predictions, 1, 1_000)).hasSize(50).startsWith(1L).endsWith(50L);
  }

  @Test
  void withoutALifetimeNothingIsPredicted() {
    Predictions predictions = predictions(100, 0);

    predictions.add(blocks(1, 5), 0, slot);
    predictions.expire();

    assertThat(predictions.isEmpty()).isTrue();
  }

  private Predictions predictions(int capacity, long lifetimeNanos) {
    return new Predictions(slots, () -> now, capacity, lifetimeNanos);
  }

  private long[] predicted(Predictions predictions, long first, long last) {
    return LongStream.rangeClosed(first, last)
        .filter(hash -> {
          long[] holders = new long[1];
          predictions.addHolders(hash, holders, 0, holders.length);
          return holders[0] == slot.mask();
        })
        .toArray();
  }

  private static long[] blocks(long first, long last) {
    return LongStream.rangeClosed(first, last).toArray();
  }
}
