package io.baton.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.proto.v1.Finished;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestTableTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  // Streams note their end by the real clock, so this one only runs ahead of it.
  private long ahead;
  private final RequestTable table =
      new RequestTable(Duration.ofSeconds(15), () -> System.nanoTime() + ahead);

  @Test
  void aRequestIsLiveUntilItEnds() {
    WorkerStream stream = add("r", "g", 1);
    assertThat(table.isLive("r")).isTrue();
    assertThat(table.live()).isEqualTo(1);
    assertThat(table.liveIds()).containsExactly("r");

    stream.finished(Finished.getDefaultInstance());

    assertThat(table.isLive("r")).isFalse();
    assertThat(table.live()).isZero();
    assertThat(table.liveIds()).isEmpty();
    assertThat(table.find("r")).as("its gateway may still ask").isSameAs(stream);
  }

  @Test
  void anEndedAnswerIsKeptUntilItIsAcknowledged() {
    WorkerStream stream = add("r", "g", 1);
    stream.finished(Finished.getDefaultInstance());
    table.dropIfSettled(stream);
    assertThat(table.find("r")).isNotNull();

    stream.onAcknowledged(0);
    table.dropIfSettled(stream);

    assertThat(table.find("r")).isNull();
  }

  @Test
  void anAnswerThatNobodyAcknowledgesIsForgottenInTheEnd() {
    WorkerStream ended = add("ended", "g", 1);
    add("live", "g", 1);
    ended.finished(Finished.getDefaultInstance());
    ahead = 10 * SECOND;
    table.expire();
    assertThat(table.find("ended")).isNotNull();

    ahead = 20 * SECOND;
    table.expire();

    assertThat(table.find("ended")).isNull();
    assertThat(table.find("live")).isNotNull();
  }

  @Test
  void droppingALiveRequestEndsItsCount() {
    WorkerStream stream = add("r", "g", 1);
    table.drop(stream);
    table.drop(stream);

    assertThat(table.live()).isZero();
    stream.finished(Finished.getDefaultInstance());
    assertThat(table.live()).isZero();
  }

  @Test
  void requestsAreFoundByTheLifeOfTheirGateway() {
    WorkerStream first = add("a", "g", 1);
    add("b", "g", 2);
    add("c", "other", 1);

    assertThat(table.of("g", 1)).containsExactly(first);
    assertThat(table.hasAny("g", 2)).isTrue();
    assertThat(table.hasAny("g", 3)).isFalse();
  }

  @Test
  void aTombstoneIsTakenOnceAndForgottenInTheEnd() {
    table.addTombstone("a");
    table.addTombstone("b");

    assertThat(table.takeTombstone("a")).isTrue();
    assertThat(table.takeTombstone("a")).isFalse();
    ahead = 20 * SECOND;
    table.expire();
    assertThat(table.takeTombstone("b")).isFalse();
  }

  @Test
  void tombstonesAreBounded() {
    for (int i = 0; i < 10_001; i++) {
      table.addTombstone("r" + i);
    }

    assertThat(table.takeTombstone("r0")).isFalse();
    assertThat(table.takeTombstone("r1")).isTrue();
    assertThat(table.takeTombstone("r10000")).isTrue();
  }

  private WorkerStream add(String id, String gateway, long incarnation) {
    var stream =
        new WorkerStream(
            id,
            gateway,
            incarnation,
            7,
            "reply",
            8,
            0,
            new WorkerStream.Outlet() {
              @Override
              public boolean send(String subject, byte[] body) {
                return true;
              }

              @Override
              public void ended(WorkerStream ended) {
                table.ended(ended);
              }
            },
            new TransportCounters());
    table.add(stream);
    return stream;
  }
}
