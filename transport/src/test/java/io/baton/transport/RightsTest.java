package io.baton.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.proto.Subjects;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.Tokens;
import io.baton.testkit.Broker;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** NATS permissions that leave everybody only what the design gives: all works, nothing more. */
class RightsTest {
  private static final String NAMESPACE = "rights";
  private static final String PASSWORD = "loopback-only";

  private Broker broker;

  @BeforeEach
  void startBroker() throws Exception {
    broker = Broker.start(rights());
  }

  /** The template that operators start from, with this test's names in it. */
  private static String rights() throws IOException {
    return Files.readString(Path.of("..", "deploy", "nats", "rights.conf"))
        .replace("baton.default.default.", "baton.rights." + Scene.POOL + ".")
        .replace("baton.default.", "baton.rights.")
        .replace("gateway-1", "g1")
        .replace("worker-1", "w1")
        .replace("worker-2", "w2")
        .replace("$BATON_GATEWAY_PASSWORD", PASSWORD)
        .replace("$BATON_WORKER_PASSWORD", PASSWORD);
  }

  @AfterEach
  void stopBroker() {
    broker.close();
  }

  @Test
  void allThatBatonDoesIsAllowed() throws Exception {
    try (TestWorker worker = startWorker("w1");
        TestGateway gateway = startGateway()) {
      worker.store(KvEventsForTests.stored(1));
      gateway.awaitKnows(worker);
      await().until(() -> gateway.fleet().hashes().equals(List.of(1L)));
      worker.store(KvEventsForTests.stored(2));
      await().until(() -> gateway.fleet().hashes().equals(List.of(1L, 2L)));
      Answer answer = gateway.send(worker.address(), "r", 4);
      await().until(() -> worker.has("r"));

      worker.answer("r", 500);

      await().until(answer::finished);
      assertThat(answer.tokens()).isEqualTo(IntStream.range(0, 500).boxed().toList());
    }
  }

  @Test
  void aStreamGoesOnAfterTheBrokerHasForgottenWhoMayAnswer() throws Exception {
    try (TestWorker worker = startWorker("w1");
        TestGateway gateway = startGateway()) {
      gateway.awaitKnows(worker);
      Answer answer = gateway.send(worker.address(), "r", 8);
      await().until(() -> worker.has("r"));
      ReplyWriter replies = worker.replies("r");
      replies.tokens(Tokens.newBuilder().addIds(0).build());
      await().until(() -> answer.tokens().size() == 1);

      broker.kill();
      await().until(() -> !gateway.link().connected() && !worker.link().connected());
      replies.tokens(Tokens.newBuilder().addIds(1).build());
      broker.restart();
      await().atMost(Duration.ofSeconds(30)).until(() -> answer.tokens().size() == 2);
      replies.tokens(Tokens.newBuilder().addIds(2).build());
      replies.finished(Finished.getDefaultInstance());

      await().until(answer::finished);
      assertThat(answer.tokens()).containsExactly(0, 1, 2);
      assertThat(answer.lost()).isNull();
    }
  }

  @Test
  void aWorkerHearsNothingThatIsForOthers() throws Exception {
    var subjects = new Subjects(NAMESPACE);
    var heard = new CopyOnWriteArrayList<String>();
    var refusals = new CopyOnWriteArrayList<String>();
    try (Connection intruder = connect("w1", refusals);
        TestWorker worker = startWorker("w2");
        TestGateway gateway = startGateway()) {
      var ears = intruder.createDispatcher(message -> heard.add(message.getSubject()));
      ears.subscribe(subjects.generate(Scene.POOL, "w2"));
      ears.subscribe(subjects.control(Scene.POOL, "w2"));
      ears.subscribe(subjects.reply("g1", "*"));
      await().until(() -> refusals.size() == 3);
      gateway.awaitKnows(worker);
      Answer answer = gateway.send(worker.address(), "r", 4);
      await().until(() -> worker.has("r"));
      worker.answer("r", 100);
      await().until(answer::finished);
      intruder.flush(Duration.ofSeconds(5));

      assertThat(heard).isEmpty();
      assertThat(refusals).allMatch(r -> r.contains("Permissions Violation for Subscription"));
    }
  }

  @Test
  void aWorkerSpeaksOnlyForItselfAndToWhoAsked() throws Exception {
    var subjects = new Subjects(NAMESPACE);
    var refusals = new CopyOnWriteArrayList<String>();
    try (Connection intruder = connect("w1", refusals);
        TestGateway gateway = startGateway()) {
      for (String subject :
          List.of(
              subjects.reply("g1", "r"),
              subjects.status(Scene.POOL, "w2"),
              subjects.kv(Scene.POOL, "w2"),
              subjects.generate(Scene.POOL, "w2"),
              subjects.gatewayStatus("g1"))) {
        intruder.publish(subject, new byte[0]);
      }
      await().until(() -> refusals.size() == 5);

      assertThat(refusals).allMatch(r -> r.contains("Permissions Violation for Publish"));
      assertThat(gateway.transport().counters().unparsable.sum()).isZero();
      assertThat(gateway.transport().counters().chunksLate.sum()).isZero();
    }
  }

  private Connection connect(String user, List<String> refusals) throws Exception {
    return Nats.connect(
        new Options.Builder()
            .server(url(user))
            .errorListener(
                new ErrorListener() {
                  @Override
                  public void errorOccurred(Connection connection, String error) {
                    refusals.add(error);
                  }
                })
            .build());
  }

  private TestWorker startWorker(String id) throws BrokerUnavailableException {
    return TestWorker.start(url(id), Scene.card(NAMESPACE, id));
  }

  private TestGateway startGateway() throws BrokerUnavailableException {
    return TestGateway.start(url("g1"), NAMESPACE, "g1");
  }

  private String url(String user) {
    return broker.url().replace("nats://", "nats://" + user + ":" + PASSWORD + "@");
  }
}
