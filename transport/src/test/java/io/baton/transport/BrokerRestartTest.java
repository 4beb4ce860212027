package io.baton.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.proto.v1.Finished;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.Tokens;
import io.baton.testkit.Broker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A broker that is killed and started again cuts no stream. */
class BrokerRestartTest {
  private static final int STREAMS = 50;
  private static final int TOKENS = 400;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String namespace = Scene.namespace();

  @Test
  void nothingIsLostDoubledOrChanged() throws Exception {
    try (Broker broker = Broker.start();
        TestWorker worker = TestWorker.start(broker.url(), Scene.card(namespace, "w"));
        TestGateway gateway = TestGateway.start(broker.url(), namespace, "g");
        ScheduledExecutorService engine = Executors.newSingleThreadScheduledExecutor()) {
      gateway.awaitKnows(worker);
      var answers = new ArrayList<Answer>();
      for (int n = 0; n < STREAMS; n++) {
        answers.add(gateway.send(worker.address(), "r" + n, 8));
      }
      await().until(() -> worker.received() == STREAMS);
      generate(worker, engine);

      for (int done : new int[] {TOKENS / 8, TOKENS / 3}) {
        await()
            .atMost(PATIENCE)
            .until(() -> answers.stream().allMatch(a -> a.tokens().size() > done));
        broker.kill();
        await().until(() -> !gateway.link().connected() && !worker.link().connected());
        Answer meanwhile = gateway.send(worker.address(), "meanwhile" + done, 8);
        assertThat(meanwhile.lost()).isEqualTo(Loss.Cause.BROKER_UNAVAILABLE);
        broker.restart();
      }
      await().atMost(PATIENCE).until(() -> answers.stream().allMatch(Answer::finished));

      for (int n = 0; n < STREAMS; n++) {
        Answer answer = answers.get(n);
        assertThat(answer.tokens()).isEqualTo(tokensOf(n));
        assertThat(answer.chunks().stream().map(ReplyChunk::getSequence).toList())
            .isEqualTo(IntStream.range(0, answer.chunks().size()).boxed().toList());
        assertThat(answer.lost()).isNull();
      }
      assertThat(gateway.fleet().count("gone w " + worker.address().incarnation())).isZero();
      assertThat(worker.cancels()).isEmpty();
      assertThat(worker.transport().counters().chunksResent.sum()).isPositive();
      assertThat(gateway.transport().liveStreams()).isZero();
      assertThat(worker.transport().liveRequests()).isZero();
    }
  }

  /** One token per stream and step, as an engine does; on and on while the broker is away. */
  private static void generate(TestWorker worker, ScheduledExecutorService engine) {
    int[] step = {0};
    Runnable work =
        () -> {
          for (int n = 0; n < STREAMS && step[0] <= TOKENS; n++) {
            ReplyWriter replies = worker.replies("r" + n);
            if (step[0] < TOKENS) {
              replies.tokens(Tokens.newBuilder().addIds(tokensOf(n).get(step[0])).build());
            } else {
              replies.finished(Finished.getDefaultInstance());
            }
          }
          step[0]++;
        };
    var _ = engine.scheduleAtFixedRate(work, 0, 10, TimeUnit.MILLISECONDS);
  }

  private static List<Integer> tokensOf(int stream) {
    return IntStream.range(0, TOKENS).map(i -> 1000 * stream + i).boxed().toList();
  }

  @Test
  void anAnswerThatEndedWhileTheBrokerWasAwayComesAfterwards() throws Exception {
    try (Broker broker = Broker.start();
        TestWorker worker = TestWorker.start(broker.url(), Scene.card(namespace, "w"));
        TestGateway gateway = TestGateway.start(broker.url(), namespace, "g")) {
      gateway.awaitKnows(worker);
      Answer answer = gateway.send(worker.address(), "r", 8);
      await().until(() -> worker.has("r"));
      broker.kill();
      await().until(() -> !gateway.link().connected() && !worker.link().connected());

      worker.answer("r", 100);
      assertThat(worker.transport().liveRequests()).isZero();
      broker.restart();

      await().atMost(PATIENCE).until(answer::finished);
      assertThat(answer.tokens()).isEqualTo(IntStream.range(0, 100).boxed().toList());
    }
  }

  @Test
  void workersAreSuspectWhileTheBrokerIsAwayAndTrustedAgainAfterwards() throws Exception {
    try (Broker broker = Broker.start();
        TestWorker worker = TestWorker.start(broker.url(), Scene.card(namespace, "w"));
        TestGateway gateway = TestGateway.start(broker.url(), namespace, "g")) {
      gateway.awaitKnows(worker);
      broker.kill();
      await()
          .until(() -> gateway.fleet().count("suspect w " + worker.address().incarnation()) == 1);
      broker.restart();
      await().atMost(PATIENCE).until(() -> gateway.link().connected() && worker.link().connected());

      Answer answer = gateway.send(worker.address(), "r", 8);
      await().until(() -> worker.has("r"));
      worker.answer("r", 3);
      await().until(answer::finished);
      assertThat(gateway.fleet().count("gone w " + worker.address().incarnation())).isZero();
    }
  }
}
