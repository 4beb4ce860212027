package io.baton.gateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.proto.v1.RankLoad;
import io.baton.proto.v1.WorkerStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WorkerRoomTest {
  private static final String W = "worker";
  private static final int SLOTS = 8;

  private final WorkerRoom room = new WorkerRoom();

  @Test
  void whatWasSentSinceTheLastHeartbeatCountsBeforeTheWorkerSaysSo() {
    room.heard(W, status(2));
    room.begin(W, "a");
    room.begin(W, "b");
    assertThat(room.left(W)).isZero();
    room.heard(W, status(1, "a"));
    assertThat(room.left(W)).as("b is still on its way").isZero();
    room.end(W, "a");
    assertThat(room.left(W)).as("a's place is free before the worker says so").isEqualTo(1);
    room.heard(W, status(1, "b"));
    assertThat(room.left(W)).isEqualTo(1);
  }

  @Test
  void aWorkerWithoutAFreeBlockIsFullWhileItWorks() {
    room.heard(
        W, status(5, "a").toBuilder().addRanks(RankLoad.newBuilder().setTotalBlocks(10)).build());
    assertThat(room.left(W)).isZero();
  }

  @Test
  void aWorkerOfWhichNothingIsKnownHasNoRoom() {
    assertThat(room.left(W)).isZero();
    room.heard(W, status(5));
    room.forget(W);
    assertThat(room.left(W)).isZero();
  }

  /**
   * Against a worker that hears of legs late: what the gateway thinks is never more than it has.
   */
  @Test
  void neverPromisesMoreThanTheWorkerHas() {
    var random = new SplittableRandom(17);
    var underWay = new ArrayDeque<String>();
    List<String> there = new ArrayList<>();
    room.heard(W, status(SLOTS));
    for (int i = 0; i < 50_000; i++) {
      switch (random.nextInt(4)) {
        case 0 -> {
          if (room.left(W) > 0) {
            room.begin(W, "r" + i);
            underWay.add("r" + i);
          }
        }
        case 1 -> {
          if (!underWay.isEmpty()) {
            there.add(underWay.poll());
          }
        }
        case 2 -> {
          if (!there.isEmpty()) {
            room.end(W, there.remove(random.nextInt(there.size())));
          }
        }
        default -> room.heard(W, status(SLOTS - there.size(), there.toArray(String[]::new)));
      }
      assertThat(there.size() + underWay.size()).isLessThanOrEqualTo(SLOTS);
      assertThat(room.left(W)).isEqualTo(SLOTS - there.size() - underWay.size());
    }
  }

  private static WorkerStatus status(int capacity, String... live) {
    return WorkerStatus.newBuilder()
        .setCapacityRequests(capacity)
        .addAllLiveRequests(List.of(live))
        .build();
  }
}
