package io.baton.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.Propagated;
import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.SliceExporter;
import io.baton.telemetry.slices.Stage;
import io.baton.telemetry.slices.ThreadInfo;
import io.baton.telemetry.slices.ThreadTrace;
import io.baton.telemetry.slices.TraceHeader;
import io.baton.testkit.OtlpReceiver;
import io.baton.testkit.OtlpReceiver.ReceivedSpan;
import io.baton.testkit.SpanTree;
import io.opentelemetry.proto.trace.v1.Span.Link;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an engine noted of a request, as spans at a trace backend. */
class RequestSpansTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";
  private static final String ENDPOINT = "otel.exporter.otlp.endpoint";

  private OtlpReceiver receiver;
  private Tracing tracing;
  private SliceSpans exporter;

  @BeforeEach
  void start() throws Exception {
    receiver = OtlpReceiver.start();
    System.setProperty(ENDPOINT, receiver.endpoint());
    tracing =
        Tracing.start(
            "engine", "instance", Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    exporter = new SliceSpans(tracing);
  }

  @AfterEach
  void stop() {
    exporter.close();
    tracing.close();
    receiver.close();
    System.clearProperty(ENDPOINT);
  }

  @Test
  void aRequestIsATreeOfThreadsAndTheirSlices() {
    RequestTrace request = begin(3, "", 0);
    ThreadTrace tokenizer = request.thread("Tokenizer", null, 100);
    tokenizer.slice(Stage.API_SERVER_DISPATCH, 100, 110, Attributes.NONE);
    tokenizer.endAt(110);
    ThreadTrace scheduler = request.thread("Scheduler", 0, 105);
    scheduler.slice(Stage.PREFILL_WAITING, 110, 120, Attributes.NONE);
    scheduler.nestedSlice(Stage.CHUNKED_PREFILL, 120, 130, Attributes.of("n", 1));
    scheduler.nestedSlice(Stage.CHUNKED_PREFILL, 130, 140, Attributes.of("n", 2));
    scheduler.slice(Stage.PREFILL_FORWARD, 120, 140, Attributes.NONE);
    scheduler.slice(Stage.DECODE_FORWARD, 140, 190, Attributes.NONE);
    scheduler.nestedSlice(Stage.DECODE_LOOP, 150, 160, Attributes.of("decode_ct", 1));
    scheduler.event("preempted", 1, 155, Attributes.NONE);
    scheduler.endAt(195);

    int promised = request.finish(200);

    List<ReceivedSpan> spans = spans(promised);
    var tree = new SpanTree(spans);
    assertThat(tree.render(name -> name.replaceAll("host:.*", "host)")))
        .isEqualTo(
            """
            Bootstrap Room 0x0 @engine
              Req 01234567 @engine
                Tokenizer (host) @engine
                  api_server_dispatch @engine
                Scheduler [TP 0] (host) @engine
                  prefill_waiting @engine
                  prefill_forward @engine
                    chunked_prefill @engine
                    chunked_prefill @engine
                  decode_forward @engine
                    decode_loop @engine
            """);
    assertThat(tree.orphans(Set.of(CALLER))).isEmpty();
    assertThat(tree.roots(Set.of(CALLER))).hasSize(1);
    assertThat(tree.idsUnique()).isTrue();
    assertThat(named(spans, "decode_forward").span().getEventsList())
        .singleElement()
        .matches(event -> event.getName().equals("preempted"));
    assertThat(named(spans, "Req 01234567").attribute("rid")).isEqualTo("0123456789");
    assertThat(tracing.leakedSpans()).isZero();
  }

  @Test
  void eachTopLevelSliceIsLinkedToTheOneThatEndedBeforeIt() {
    RequestTrace request = begin(3, "", 0);
    ThreadTrace scheduler = request.thread("Scheduler", 0, 100);
    ThreadTrace tokenizer = request.thread("Tokenizer", null, 100);
    scheduler.slice(Stage.PREFILL_FORWARD, 120, 140, Attributes.NONE);
    scheduler.nestedSlice(Stage.CHUNKED_PREFILL, 120, 140, Attributes.NONE);
    scheduler.slice(Stage.DECODE_FORWARD, 140, 190, Attributes.NONE);
    tokenizer.slice(Stage.API_SERVER_DISPATCH, 100, 110, Attributes.NONE);

    List<ReceivedSpan> spans = spans(request.finish(200));

    assertThat(linked(spans, "api_server_dispatch")).isEmpty();
    assertThat(linked(spans, "prefill_forward")).containsExactly("api_server_dispatch");
    assertThat(linked(spans, "decode_forward")).containsExactly("prefill_forward");
    assertThat(linked(spans, "chunked_prefill")).isEmpty();
  }

  private static List<String> linked(List<ReceivedSpan> spans, String name) {
    return named(spans, name).span().getLinksList().stream()
        .map(Link::getSpanId)
        .map(id -> HexFormat.of().formatHex(id.toByteArray()))
        .map(id -> spans.stream().filter(s -> s.id().equals(id)).findFirst().orElseThrow().name())
        .toList();
  }

  @Test
  void anAbortMarksTheThreadsWithItsReason() {
    RequestTrace request = begin(1, "", 0);
    request.thread("Scheduler", 0, 100).slice(Stage.PREFILL_WAITING, 100, 110, Attributes.NONE);

    List<ReceivedSpan> spans = spans(request.abort("client is gone", 150));

    assertThat(spans.stream().filter(ReceivedSpan::failed).toList())
        .singleElement()
        .satisfies(thread -> {
          assertThat(thread.name()).startsWith("Scheduler");
          assertThat(thread.span().getStatus().getMessage()).isEqualTo("client is gone");
        });
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 3"})
  void aLevelKeepsTheSlicesOfItsLevelAndBelow(int level, int slices) {
    RequestTrace request = begin(level, "", 0);
    ThreadTrace thread = request.thread("Scheduler", 0, 100);
    thread.slice(Stage.PREFILL_FORWARD, 100, 110, Attributes.NONE);
    thread.slice(Stage.REQUEST_PROCESS, 110, 120, Attributes.NONE);
    thread.nestedSlice(Stage.CHUNKED_PREFILL, 100, 105, Attributes.NONE);

    assertThat(spans(request.finish(200))).hasSize(3 + slices);
  }

  @Test
  void theTwoLegsOfAHandoffAreNamedByRoleAndRoom() {
    List<ReceivedSpan> spans = spans(begin(1, "prefill", 0xBEEF).finish(200));

    assertThat(spans)
        .extracting(ReceivedSpan::name)
        .containsExactlyInAnyOrder("Bootstrap Room 0xbeef", "prefill Req 01234567");
    assertThat(spans).allMatch(s -> s.attribute("bootstrap_room").equals("0xbeef"));
  }

  @Test
  void whatIsNotSampledIsNotNoted() {
    TraceHeader unsampled = new TraceHeader("00-" + TRACE + "-" + CALLER + "-00", "", 3);
    TraceHeader off = new TraceHeader("00-" + TRACE + "-" + CALLER + "-01", "", 0);

    assertThat(RequestTrace.start(exporter, unsampled, "", "r", 0, 100)).isNull();
    assertThat(RequestTrace.start(exporter, off, "", "r", 0, 100)).isNull();
    assertThat(RequestTrace.start(exporter, null, "", "r", 0, 100)).isNull();
  }

  @Test
  void anotherProcessGoesOnBelowTheSameRequestAndLinksToItsLastSlice() {
    RequestTrace here = begin(3, "", 0);
    here.thread("Tokenizer", null, 100)
        .slice(Stage.API_SERVER_DISPATCH, 100, 110, Attributes.NONE, true);
    String carried = here.propagate().encode();
    RequestTrace there =
        RequestTrace.rebuildThreadContext(exporter, Propagated.decode(carried).orElseThrow(), 112);
    assertThat(there).isNotNull();
    ThreadInfo.set("Scheduler", 1, 2);
    there.thread(112).slice(Stage.PREFILL_WAITING, 112, 120, Attributes.NONE);

    int promised = there.finish(120) + here.finish(125);

    List<ReceivedSpan> spans = spans(promised);
    assertThat(new SpanTree(spans).render(name -> name.replaceAll("host:.*", "host)")))
        .isEqualTo(
            """
            Bootstrap Room 0x0 @engine
              Req 01234567 @engine
                Tokenizer (host) @engine
                  api_server_dispatch @engine
                Scheduler [TP 1] [DP 2] (host) @engine
                  prefill_waiting @engine
            """);
    assertThat(linked(spans, "prefill_waiting")).containsExactly("api_server_dispatch");
    assertThat(Propagated.decode("nonsense")).isEmpty();
    assertThat(Propagated.decode(carried.replace("00-", "zz-"))).isEmpty();
  }

  @Test
  void slicesThatAreBegunAndEndedNestAndAnonymousOnesGetTheirNameAtTheEnd() {
    RequestTrace request = begin(3, "", 0);
    ThreadTrace thread = request.thread("Scheduler", 0, 100);
    thread.beginAnonymous(100);
    assertThatThrownBy(() -> thread.begin(Stage.PREFILL_FORWARD, 101))
        .hasMessageContaining("inside an anonymous slice");
    thread.endAnonymous(Stage.REQUEST_PROCESS, 110, Attributes.NONE, true);
    thread.endAnonymous(Stage.PREFILL_WAITING, 120, Attributes.NONE, false);
    thread.begin(Stage.PREFILL_FORWARD, 120);
    thread.begin(Stage.CHUNKED_PREFILL, 121);
    thread.end(130, Attributes.NONE);
    thread.end(140, Attributes.NONE);
    assertThatThrownBy(() -> thread.end(150, Attributes.NONE))
        .hasMessageContaining("no slice is open");
    ThreadTrace.traceBatch(
        java.util.Arrays.asList(thread, null), Stage.DECODE_WAITING, 140, 150, Attributes.NONE);
    thread.begin(Stage.DECODE_FORWARD, 150);
    thread.abort("retracted", 160);
    assertThatThrownBy(() -> thread.slice(Stage.DECODE_FORWARD, 1, 2, Attributes.NONE))
        .hasMessageContaining("after the thread's last slice");

    List<ReceivedSpan> spans = spans(request.finish(200));

    assertThat(new SpanTree(spans).render(name -> name.replaceAll("host:.*", "host)")))
        .isEqualTo(
            """
            Bootstrap Room 0x0 @engine
              Req 01234567 @engine
                Scheduler [TP 0] (host) @engine
                  request_process @engine
                  prefill_waiting @engine
                  prefill_forward @engine
                    chunked_prefill @engine
                  decode_waiting @engine
                  decode_forward @engine
            """);
    assertThat(named(spans, "prefill_waiting").span().getStartTimeUnixNano()).isEqualTo(110);
    assertThat(named(spans, "decode_forward").span().getEndTimeUnixNano()).isEqualTo(160);
    assertThat(spans.stream().filter(ReceivedSpan::failed).toList()).hasSize(1);
  }

  private RequestTrace begin(int level, String role, long room) {
    var parent = new TraceHeader("00-" + TRACE + "-" + CALLER + "-01", "", level);
    SliceExporter to = exporter;
    var request = RequestTrace.start(to, parent, role, "0123456789", room, 100);
    assertThat(request).isNotNull();
    return request;
  }

  /** As many as were promised, and no more. */
  private List<ReceivedSpan> spans(int promised) {
    await().until(() -> receiver.trace(TRACE).size() >= promised);
    exporter.close();
    tracing.close();
    assertThat(receiver.trace(TRACE)).hasSize(promised);
    return receiver.trace(TRACE);
  }

  private static ReceivedSpan named(List<ReceivedSpan> spans, String name) {
    return spans.stream().filter(span -> span.name().equals(name)).findFirst().orElseThrow();
  }
}
