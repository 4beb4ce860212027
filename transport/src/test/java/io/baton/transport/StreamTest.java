package io.baton.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.baton.proto.Headers;
import io.baton.proto.Subjects;
import io.baton.proto.v1.Cancel;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.OpenAiForm;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.Tokens;
import io.baton.proto.v1.WorkerState;
import io.baton.testkit.Broker;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One request and its answer, over a real broker. */
class StreamTest {
  private static Broker broker;

  private String namespace;
  private TestWorker worker;
  private TestGateway gateway;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = Broker.start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void start() throws Exception {
    namespace = Scene.namespace();
    worker = TestWorker.start(broker.url(), Scene.card(namespace, "w"));
    gateway = TestGateway.start(broker.url(), namespace, "g");
    gateway.awaitKnows(worker);
  }

  @AfterEach
  void stop() {
    gateway.close();
    worker.close();
  }

  @Test
  void aRequestArrivesWithAllThatWasSaid() throws Exception {
    var request = GenerateRequest.newBuilder().setRequestId("r").setRid("rid").setWindow(8);
    gateway.send(worker.address(), request, Map.of(Headers.TRACEPARENT, "00-abc"));
    await().until(() -> worker.has("r"));

    IncomingRequest arrived = worker.request("r");
    assertThat(arrived.request().getRid()).isEqualTo("rid");
    assertThat(arrived.request().getGatewayId()).isEqualTo("g");
    assertThat(arrived.request().getGatewayIncarnation())
        .isEqualTo(gateway.transport().incarnation());
    assertThat(arrived.header(Headers.TRACEPARENT)).isEqualTo("00-abc");
    assertThat(arrived.header(Headers.SENT_UNIX_NANOS)).matches("[0-9]{19}");
    assertThat(arrived.remainingMillis()).isEmpty();
    assertThat(worker.transport().liveRequests()).isEqualTo(1);
  }

  @Test
  void anAnswerComesWholeAndInOrder() throws Exception {
    Answer answer = gateway.send(worker.address(), "r", 8);
    await().until(() -> worker.has("r"));

    worker.answer("r", 1000);
    await().until(answer::finished);

    assertThat(answer.chunks().getFirst().hasAccepted()).isTrue();
    assertThat(answer.tokens()).isEqualTo(upTo(1000));
    assertThat(answer.chunks().stream().map(ReplyChunk::getSequence).toList())
        .isEqualTo(upTo(answer.chunks().size()));
    assertThat(answer.lost()).isNull();
    assertThat(gateway.transport().liveStreams()).isZero();
    assertThat(worker.transport().liveRequests()).isZero();
  }

  @Test
  void theWindowBoundsWhatIsInFlightAndJoinsTheRest() throws Exception {
    Answer answer = gateway.send(worker.address(), "r", 4).slow();
    await().until(() -> worker.has("r"));

    worker.answer("r", 500);
    assertThat(sent()).isEqualTo(4);
    await().until(() -> answer.chunks().size() == 4);
    assertThat(answer.tokens()).isEqualTo(upTo(3));

    answer.catchUp();
    await().until(answer::finished);
    assertThat(answer.tokens()).isEqualTo(upTo(500));
    assertThat(sent()).as("accepted, three tokens, the other 497, finished").isEqualTo(6);
  }

  private long sent() {
    return worker.transport().counters().chunksSent.sum();
  }

  @Test
  void anEngineIsToldToStopReadingAndThenToGoOn() throws Exception {
    var form = OpenAiForm.newBuilder().setWindowBytes(1000);
    Answer answer =
        gateway
            .send(
                worker.address(),
                GenerateRequest.newBuilder().setRequestId("r").setWindow(2).setOpenai(form))
            .slow();
    await().until(() -> worker.has("r"));
    ReplyWriter replies = worker.replies("r");
    var writable = new AtomicInteger();
    replies.onWritable(writable::incrementAndGet);

    int given = 1;
    while (replies.openAi(event(given))) {
      given++;
    }
    assertThat(given).isBetween(3, 4);
    await().until(() -> answer.chunks().size() == 2);
    assertThat(writable).hasValue(0);

    answer.catchUp();
    await().until(() -> writable.get() == 1);
    replies.finished(Finished.getDefaultInstance());
    await().until(answer::finished);
    assertThat(
            answer.chunks().stream()
                .flatMap(chunk -> chunk.getOpenai().getEventsList().stream())
                .toList())
        .isEqualTo(IntStream.rangeClosed(1, given).mapToObj(n -> event(n).getEvents(0)).toList());
  }

  /** Of some 300 bytes. */
  private static OpenAiBytes event(int number) {
    return OpenAiBytes.newBuilder()
        .addEvents(ByteString.copyFromUtf8("x".repeat(300) + number))
        .build();
  }

  @Test
  void afterTheEndNothingIsSaid() throws Exception {
    Answer answer = gateway.send(worker.address(), "r", 8);
    await().until(() -> worker.has("r"));
    worker.answer("r", 1);
    worker.replies("r").tokens(Tokens.newBuilder().addIds(99).build());
    worker.replies("r").finished(Finished.getDefaultInstance());

    Answer next = gateway.send(worker.address(), "next", 8);
    await().until(() -> worker.has("next"));
    worker.answer("next", 1);
    await().until(next::finished);

    assertThat(answer.tokens()).containsExactly(0);
    assertThat(answer.chunks()).hasSize(3);
  }

  @Test
  void cancelReachesTheWorkerWhichHasTheLastWord() throws Exception {
    Answer answer = gateway.send(worker.address(), "r", 8);
    await().until(() -> worker.has("r"));

    answer.cancel("client is gone");
    await().until(() -> !worker.cancels().isEmpty());
    assertThat(worker.cancels().getFirst()).isEqualTo("r: client is gone");
    worker.replies("r").finished(Finished.getDefaultInstance());

    await().until(answer::finished);
  }

  @Test
  void aCancelThatOvertakesItsRequestStillCounts() throws Exception {
    byte[] cancel =
        Control.newBuilder().setCancel(Cancel.newBuilder().setRequestId("r")).build().toByteArray();
    gateway.link().messages().publish(new Subjects(namespace).control(Scene.POOL, "w"), cancel);

    Answer answer = gateway.send(worker.address(), "r", 8);
    await().until(answer::failed);

    assertThat(answer.chunks().getLast().getFailed().getCode())
        .isEqualTo(ErrorCode.ERROR_CANCELLED);
    assertThat(answer.chunks().getLast().getFailed().getUntouched()).isTrue();
    assertThat(worker.has("r")).isFalse();
    assertThat(worker.transport().liveRequests()).isZero();
  }

  @Test
  void aDeadlineIsKeptByTheWorkerToo() throws Exception {
    var request = GenerateRequest.newBuilder().setRequestId("r").setWindow(8);
    gateway.send(worker.address(), request, Map.of(Headers.REMAINING_MS, "50"));

    await().until(() -> worker.cancels().contains("r: deadline"));
    assertThat(worker.request("r").remainingMillis()).hasValue(50);
  }

  @Test
  void anAnswerInTimeMeetsNoDeadline() throws Exception {
    var quick = GenerateRequest.newBuilder().setRequestId("quick").setWindow(8);
    var never = GenerateRequest.newBuilder().setRequestId("never").setWindow(8);
    Answer answer = gateway.send(worker.address(), quick, Map.of(Headers.REMAINING_MS, "1000"));
    await().until(() -> worker.has("quick"));
    worker.answer("quick", 1);
    await().until(answer::finished);
    gateway.send(worker.address(), never, Map.of(Headers.REMAINING_MS, "1200"));

    await().until(() -> worker.cancels().contains("never: deadline"));
    assertThat(worker.cancels()).containsExactly("never: deadline");
  }

  @Test
  void aWorkerThatDrainsRefusesAndFinishesWhatItHas() throws Exception {
    Answer old = gateway.send(worker.address(), "old", 8);
    await().until(() -> worker.has("old"));
    gateway.transport().drain(worker.address());
    await().until(worker::drained);
    worker.transport().state(WorkerState.WORKER_DRAINING);

    Answer late = gateway.send(worker.address(), "late", 8);
    await().until(late::failed);
    worker.answer("old", 5);
    await().until(old::finished);

    assertThat(late.chunks().getLast().getFailed().getCode()).isEqualTo(ErrorCode.ERROR_DRAINING);
    assertThat(late.chunks().getLast().getFailed().getUntouched()).isTrue();
    assertThat(old.tokens()).isEqualTo(upTo(5));
  }

  @Test
  void nobodyListeningIsKnownAtOnce() throws Exception {
    Answer answer = gateway.send(new WorkerAddress(Scene.POOL, "nobody", 1), "r", 8);

    await().until(() -> answer.lost() != null);
    assertThat(answer.lost()).isEqualTo(Loss.Cause.NO_RESPONDERS);
    assertThat(gateway.transport().liveStreams()).isZero();
  }

  @Test
  void aRequestForAnEarlierLifeIsNotDone() throws Exception {
    Answer answer = gateway.send(new WorkerAddress(Scene.POOL, "w", 1), "r", 8);

    await().until(() -> answer.lost() != null);
    assertThat(answer.lost()).isEqualTo(Loss.Cause.WORKER_RESTARTED);
    assertThat(worker.has("r")).isFalse();
  }

  @Test
  void whatTheBrokerWouldNotTakeIsNotSent() {
    long limit = gateway.link().maxPayload();
    var request =
        GenerateRequest.newBuilder()
            .setRequestId("r")
            .setOpenai(OpenAiForm.newBuilder().setBody(ByteString.copyFrom(new byte[(int) limit])));

    assertThatThrownBy(() -> gateway.send(worker.address(), request))
        .isInstanceOf(PayloadTooLargeException.class)
        .hasMessageContaining(Long.toString(limit))
        .hasMessageContaining("max_payload");
    assertThat(gateway.transport().liveStreams()).isZero();
  }

  @Test
  void aMissingBrokerIsAClearError() {
    var settings = NatsSettings.of("nats://127.0.0.1:1");

    assertThatThrownBy(() -> BrokerLink.connect(settings, "test"))
        .isInstanceOf(BrokerUnavailableException.class)
        .hasMessageContaining("nats.servers")
        .hasMessageContaining("nats://127.0.0.1:1")
        .hasMessageContaining("nats-server");
  }

  private static List<Integer> upTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }
}
