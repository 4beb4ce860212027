package io.baton.transport;

import io.baton.proto.v1.WorkerCard;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** What the tests on a real broker share: quick timings, and a namespace for each test. */
final class Scene {
  static final String POOL = "pool";

  /** Patient enough for a busy machine, where it is about death. */
  static final TransportTimings TIMINGS =
      new TransportTimings(
          Duration.ofMillis(50),
          Duration.ofMillis(400),
          Duration.ofSeconds(5),
          Duration.ofMillis(1500),
          Duration.ofMillis(100),
          Duration.ofSeconds(2),
          Duration.ofSeconds(15));

  private static final AtomicLong COUNTER = new AtomicLong();

  private Scene() {}

  static String namespace() {
    return "test" + COUNTER.incrementAndGet();
  }

  static WorkerCard card(String namespace, String workerId) {
    return WorkerCard.newBuilder()
        .setNamespace(namespace)
        .setPool(POOL)
        .setWorkerId(workerId)
        .setIncarnation(1000 + COUNTER.incrementAndGet())
        .setBlockSize(16)
        .setDpSize(1)
        .setPublishesKvEvents(true)
        .build();
  }
}
