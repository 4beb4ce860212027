package io.baton.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.proto.v1.Tokens;
import io.baton.proto.v1.WorkerCard;
import io.baton.testkit.Broker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workers and gateways that leave, with and without last words, and come again. */
class DeathTest {
  private static Broker broker;

  private String namespace;
  private WorkerCard card;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = Broker.start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void nameAll() {
    namespace = Scene.namespace();
    card = Scene.card(namespace, "w");
  }

  @Test
  void aWorkerThatDiesWithoutAWordTakesItsStreamsAlong() throws Exception {
    try (TestWorker worker = startWorker();
        TestGateway gateway = startGateway(worker)) {
      Answer answer = gateway.send(worker.address(), "r", 8);
      await().until(() -> worker.has("r"));
      worker.replies("r").tokens(Tokens.newBuilder().addIds(1).build());
      await().until(() -> answer.tokens().size() == 1);

      worker.vanish();

      await().until(() -> answer.lost() != null);
      assertThat(answer.lost()).isEqualTo(Loss.Cause.WORKER_DIED);
      assertThat(gateway.fleet().entries()).containsSubsequence(entry("suspect"), entry("gone"));
      assertThat(gateway.fleet().count(entry("gone"))).isEqualTo(1);
      assertThat(gateway.transport().liveStreams()).isZero();
    }
  }

  @Test
  void aWorkersLastWordsAreBelievedAtOnce() throws Exception {
    try (TestWorker worker = startWorker();
        TestGateway gateway = startGateway(worker)) {
      Answer answer = gateway.send(worker.address(), "r", 8);
      await().until(() -> worker.has("r"));

      worker.close();

      await().until(() -> answer.lost() != null);
      assertThat(answer.lost()).isEqualTo(Loss.Cause.WORKER_DIED);
      assertThat(gateway.fleet().count(entry("suspect"))).isZero();
    }
  }

  @Test
  void aNewLifeOfAWorkerEndsWhatTheOldOneHad() throws Exception {
    try (TestWorker old = startWorker();
        TestGateway gateway = startGateway(old);
        TestWorker young = TestWorker.connect(broker.url(), Scene.card(namespace, "w"))) {
      Answer answer = gateway.send(old.address(), "r", 8);
      await().until(() -> old.has("r"));

      old.vanish();
      young.listen();
      gateway.awaitKnows(young);

      assertThat(answer.lost()).isEqualTo(Loss.Cause.WORKER_RESTARTED);
      assertThat(gateway.fleet().entries())
          .containsSubsequence(
              entry("worker"), entry("gone"), "worker w " + young.address().incarnation());
      Answer next = gateway.send(young.address(), "next", 8);
      await().until(() -> young.has("next"));
      young.answer("next", 3);
      await().until(next::finished);
    }
  }

  @Test
  void aGatewayThatDiesWithoutAWordLosesItsLease() throws Exception {
    try (TestWorker worker = startWorker();
        TestGateway gateway = startGateway(worker);
        TestGateway other = TestGateway.start(broker.url(), namespace, "other")) {
      other.awaitKnows(worker);
      gateway.send(worker.address(), "r", 8);
      Answer kept = other.send(worker.address(), "kept", 8);
      await().until(() -> worker.has("r") && worker.has("kept"));

      gateway.vanish();

      await().until(() -> !worker.cancels().isEmpty());
      assertThat(worker.cancels()).containsExactly("r: its gateway is silent");
      await().until(() -> worker.transport().liveRequests() == 1);
      worker.answer("kept", 3);
      await().until(kept::finished);
    }
  }

  @Test
  void aGatewaysLastWordsEndItsRequestsAtOnce() throws Exception {
    try (TestWorker worker = startWorker();
        TestGateway gateway = startGateway(worker)) {
      Answer answer = gateway.send(worker.address(), "r", 8);
      await().until(() -> worker.has("r"));

      gateway.close();

      assertThat(answer.lost()).isEqualTo(Loss.Cause.BROKER_UNAVAILABLE);
      await().until(() -> worker.cancels().contains("r: its gateway has stopped"));
    }
  }

  @Test
  void aNewLifeOfAGatewayEndsWhatTheOldOneAskedFor() throws Exception {
    try (TestWorker worker = startWorker();
        TestGateway old = startGateway(worker)) {
      old.send(worker.address(), "r", 8);
      await().until(() -> worker.has("r"));

      old.vanish();
      try (TestGateway young = startGateway(worker)) {
        await().until(() -> worker.cancels().contains("r: its gateway has started anew"));
        Answer answer = young.send(worker.address(), "next", 8);
        await().until(() -> worker.has("next"));
        worker.answer("next", 3);
        await().until(answer::finished);
      }
    }
  }

  @Test
  void aWorkerThatComesLaterIsFound() throws Exception {
    try (TestGateway gateway = TestGateway.start(broker.url(), namespace, "g");
        TestWorker worker = startWorker()) {
      gateway.awaitKnows(worker);
      Answer answer = gateway.send(worker.address(), "r", 8);
      await().until(() -> worker.has("r"));
      worker.answer("r", 3);
      await().until(answer::finished);
    }
  }

  private TestWorker startWorker() throws BrokerUnavailableException {
    return TestWorker.start(broker.url(), card);
  }

  private TestGateway startGateway(TestWorker worker) throws BrokerUnavailableException {
    TestGateway gateway = TestGateway.start(broker.url(), namespace, "g");
    gateway.awaitKnows(worker);
    return gateway;
  }

  private String entry(String what) {
    return what + " w " + card.getIncarnation();
  }
}
