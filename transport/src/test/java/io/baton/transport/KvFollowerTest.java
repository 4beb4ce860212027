package io.baton.transport;

import static io.baton.transport.KvEventsForTests.removed;
import static io.baton.transport.KvEventsForTests.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.KvEvents;
import io.baton.proto.v1.SnapshotPage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KvFollowerTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final FleetLog log = new FleetLog();
  private final List<String> asked = new ArrayList<>();
  private final KvFollower follower =
      new KvFollower(
          new WorkerAddress("pool", "w", 7),
          0,
          16,
          log,
          (worker, rank, snapshot, page) -> asked.add(snapshot + "/" + page),
          new TransportCounters());

  @Test
  void beginsWithASnapshotAndGoesOnWithEvents() {
    follower.restart(0);
    follower.onPage(page(5, 0, true, 10, stored(1), stored(2)), 0);
    follower.onEvents(events(11, stored(3)), 0);
    follower.onEvents(events(12, removed(1), stored(4)), 0);

    assertThat(asked).containsExactly("0/0");
    assertThat(log.count("kv reset w")).isEqualTo(1);
    assertThat(log.hashes()).containsExactly(2L, 3L, 4L);
  }

  @Test
  void eventsBeforeTheSnapshotWaitForItAndCountOnlyIfNewer() {
    follower.restart(0);
    follower.onEvents(events(9, stored(1), stored(2), stored(3)), 0);
    assertThat(log.hashes()).isEmpty();

    follower.onPage(page(5, 0, true, 10, stored(1), stored(2)), 0);

    assertThat(log.hashes()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aGapAsksForEverythingAgain() {
    follower.restart(0);
    follower.onPage(page(5, 0, true, 10, stored(1)), 0);

    follower.onEvents(events(13, stored(4)), 0);
    assertThat(asked).containsExactly("0/0", "0/0");
    follower.onPage(page(6, 0, true, 12, stored(1), stored(3)), 0);

    assertThat(log.count("kv reset w")).isEqualTo(2);
    assertThat(log.hashes()).containsExactly(1L, 3L, 4L);
  }

  @Test
  void doubledEventsCountOnce() {
    follower.restart(0);
    follower.onPage(page(5, 0, true, 0), 0);
    follower.onEvents(events(1, stored(1), stored(2)), 0);
    follower.onEvents(events(1, stored(1), stored(2)), 0);
    follower.onEvents(events(2, stored(2), stored(3)), 0);

    assertThat(log.hashes()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void pagesAreAskedForOneByOneAndShownTogether() {
    follower.restart(0);
    follower.onPage(page(5, 0, false, 10, stored(1)), 0);
    assertThat(log.hashes()).isEmpty();
    follower.onPage(page(5, 1, false, 10, stored(2)), 0);
    follower.onPage(page(5, 1, false, 10, stored(2)), 0);
    follower.onPage(page(6, 2, true, 10, stored(99)), 0);
    follower.onPage(page(5, 2, true, 10, stored(3)), 0);

    assertThat(asked).containsExactly("0/0", "5/1", "5/2");
    assertThat(log.hashes()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void anAnswerThatNeverComesIsAskedForAgain() {
    follower.restart(0);
    follower.tick(SECOND);
    assertThat(asked).hasSize(1);
    follower.tick(3 * SECOND);
    assertThat(asked).hasSize(2);

    follower.onPage(SnapshotPage.newBuilder().setError("no such snapshot").build(), 4 * SECOND);
    follower.tick(6 * SECOND);
    assertThat(asked).hasSize(3);

    follower.onPage(page(5, 0, true, 0), 6 * SECOND);
    follower.tick(60 * SECOND);
    assertThat(asked).hasSize(3);
  }

  @Test
  void aLostLastEventIsNoticedByTheHeartbeat() {
    follower.restart(0);
    follower.onPage(page(5, 0, true, 10, stored(1)), 0);

    follower.onPosition(10, SECOND);
    follower.onPosition(11, 2 * SECOND);
    follower.onPosition(11, 3 * SECOND);
    assertThat(asked).as("the event may still come").hasSize(1);
    follower.onPosition(11, 5 * SECOND);

    assertThat(asked).hasSize(2);
  }

  @Test
  void anEventThatWasOnlyLateIsNoGap() {
    follower.restart(0);
    follower.onPage(page(5, 0, true, 10, stored(1)), 0);

    follower.onPosition(11, SECOND);
    follower.onEvents(events(11, stored(2)), 2 * SECOND);
    follower.onPosition(12, 4 * SECOND);

    assertThat(asked).hasSize(1);
  }

  static IntStream seeds() {
    return IntStream.range(0, 200);
  }

  /** A worker whose events get lost and doubled, and whose pages get lost. */
  @ParameterizedTest
  @MethodSource("seeds")
  void whateverIsLostTheCacheIsKnownInTheEnd(int seed) {
    var random = new SplittableRandom(seed);
    var truth = new ArrayList<Long>();
    long eventId = 0;
    long now = 0;
    long served = 0;
    follower.restart(now);
    for (int step = 0; step < 300; step++) {
      now += SECOND / 4;
      boolean quiet = step > 250;
      if (!quiet) {
        KvEvent event = change(random, truth, eventId + 1);
        eventId++;
        for (int copies = random.nextInt(20) == 0 ? 2 : random.nextInt(20) == 0 ? 0 : 1;
            copies > 0;
            copies--) {
          follower.onEvents(events(eventId, event), now);
        }
      }
      if (served < asked.size() && (quiet || random.nextInt(3) == 0)) {
        served = asked.size();
        if (quiet || random.nextInt(4) > 0) {
          follower.onPage(
              page(
                  step,
                  0,
                  true,
                  eventId,
                  truth.stream().map(KvEventsForTests::stored).toArray(KvEvent[]::new)),
              now);
        }
      }
      follower.tick(now);
      follower.onPosition(eventId, now);
    }

    assertThat(log.hashes()).containsExactlyElementsOf(truth);
  }

  private static KvEvent change(SplittableRandom random, List<Long> truth, long newHash) {
    if (!truth.isEmpty() && random.nextInt(3) == 0) {
      return removed(truth.remove(random.nextInt(truth.size())));
    }
    truth.add(newHash);
    return stored(newHash);
  }

  private static KvEvents events(long firstId, KvEvent... events) {
    return KvEvents.newBuilder().setFirstEventId(firstId).addAllEvents(List.of(events)).build();
  }

  private static SnapshotPage page(
      long snapshot, int page, boolean last, long asOf, KvEvent... stored) {
    return SnapshotPage.newBuilder()
        .setSnapshotId(snapshot)
        .setPage(page)
        .setLast(last)
        .setAsOfEventId(asOf)
        .addAllStored(List.of(stored))
        .build();
  }
}
