package io.baton.transport;

import static io.baton.transport.KvEventsForTests.stored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.WorkerCard;
import io.baton.testkit.Broker;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a gateway knows of a worker's cache, over a real broker. */
class KvTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String namespace = Scene.namespace();
  private final WorkerCard card = Scene.card(namespace, "w");
  private Broker broker;
  private TestWorker worker;

  @BeforeEach
  void start() throws Exception {
    broker = Broker.start();
    worker = TestWorker.start(broker.url(), card);
  }

  @AfterEach
  void stop() {
    worker.close();
    broker.close();
  }

  @Test
  void aGatewayThatComesLaterLearnsAllAndThenWhatIsNew() throws Exception {
    worker.store(stored(1, 3));
    try (TestGateway gateway = startGateway()) {
      awaitBlocks(gateway, 3);
      worker.store(stored(4));
      worker.store(stored(5, 2));

      awaitBlocks(gateway, 6);
      assertThat(resets(gateway)).isEqualTo(1);
    }
  }

  @Test
  void aLostEventIsNoticedByTheNextAndMendedByASnapshot() throws Exception {
    try (TestGateway gateway = startGateway()) {
      worker.store(stored(1));
      awaitBlocks(gateway, 1);
      worker.storeUnheard(stored(2));
      worker.store(stored(3));

      awaitBlocks(gateway, 3);
      assertThat(resets(gateway)).isEqualTo(2);
      assertThat(gateway.transport().counters().kvGaps.sum()).isEqualTo(1);
    }
  }

  @Test
  void aCacheOfManyPagesComesWhole() throws Exception {
    // A run that is larger than a page, then many small ones.
    worker.store(stored(1, 40_000));
    for (int n = 1; n <= 20; n++) {
      worker.store(stored(40_000 + 1000 * (n - 1) + 1, 1000));
    }
    try (TestGateway gateway = startGateway()) {
      awaitBlocks(gateway, 60_000);
      assertThat(resets(gateway)).isEqualTo(1);
    }
  }

  @Test
  void runsThatAreSplitOverPagesStayChains() throws Exception {
    var parents = new java.util.concurrent.CopyOnWriteArrayList<Long>();
    worker.store(stored(1, 40_000));
    var listener = new ParentLog(parents);
    try (BrokerLink link = BrokerLink.connect(NatsSettings.of(broker.url()), "g");
        GatewayTransport transport =
            new GatewayTransport(
                link, namespace, List.of(Scene.POOL), "g", Scene.TIMINGS, listener)) {
      transport.start();
      await().atMost(PATIENCE).until(() -> parents.size() == 3);
      assertThat(parents).containsExactly(0L, 16_384L, 32_768L);
    }
  }

  @Test
  void whatHappenedWhileTheBrokerWasAwayIsKnownAfterwards() throws Exception {
    try (TestGateway gateway = startGateway()) {
      worker.store(stored(1));
      awaitBlocks(gateway, 1);
      broker.kill();
      await().until(() -> !gateway.link().connected() && !worker.link().connected());
      worker.store(stored(2));
      broker.restart();

      awaitBlocks(gateway, 2);
      worker.store(stored(3));
      awaitBlocks(gateway, 3);
    }
  }

  @Test
  void manyEventsAtOnceComeInOrder() throws Exception {
    try (TestGateway gateway = startGateway()) {
      await().until(() -> resets(gateway) == 1);
      List<KvEvent> events = IntStream.rangeClosed(1, 2000).mapToObj(n -> stored(n)).toList();
      worker.transport().publishKvEvents(0, 1, events);

      awaitBlocks(gateway, 2000);
      assertThat(resets(gateway)).isEqualTo(1);
    }
  }

  private TestGateway startGateway() throws BrokerUnavailableException {
    TestGateway gateway = TestGateway.start(broker.url(), namespace, "g");
    gateway.awaitKnows(worker);
    await().until(() -> resets(gateway) > 0);
    return gateway;
  }

  private static long resets(TestGateway gateway) {
    return gateway.fleet().count("kv reset w");
  }

  /** Blocks 1, 2, 3 ... in this order. */
  private static void awaitBlocks(TestGateway gateway, long count) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(gateway.fleet().hashes())
                .isEqualTo(LongStream.rangeClosed(1, count).boxed().toList()));
  }
}
