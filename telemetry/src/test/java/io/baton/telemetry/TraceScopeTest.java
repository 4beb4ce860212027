package io.baton.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.telemetry.slices.TraceHeader;
import io.baton.testkit.OtlpReceiver;
import io.baton.testkit.OtlpReceiver.ReceivedSpan;
import io.baton.testkit.SpanTree;
import io.opentelemetry.api.trace.SpanKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TraceScopeTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";
  private static final String SAMPLED = "00-" + TRACE + "-" + CALLER + "-01";
  private static final String UNSAMPLED = "00-" + TRACE + "-" + CALLER + "-00";

  private OtlpReceiver receiver;
  private Tracing tracing;

  @BeforeEach
  void start() throws Exception {
    receiver = OtlpReceiver.start();
    tracing = tracing(Map.of());
  }

  private Tracing tracing(Map<String, String> more) {
    var environment = new HashMap<>(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    environment.putAll(more);
    // The SDK reads the process's own variables and properties, not the map that decides on/off.
    environment.forEach((name, value) -> System.setProperty(property(name), value));
    return Tracing.start("gateway", "instance", environment);
  }

  private static String property(String variable) {
    return variable.toLowerCase(java.util.Locale.ROOT).replace('_', '.');
  }

  @AfterEach
  void stop() {
    tracing.close();
    receiver.close();
    for (String name :
        List.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG")) {
      System.clearProperty(property(name));
    }
  }

  @Test
  void spansOfTwoServicesMakeOneConnectedTreeBelowTheCaller() {
    TraceScope here = tracing.begin(SAMPLED, "vendor=1", 1);
    SpanDraft request = here.top("request", SpanKind.SERVER, 100);
    request.closedChild("tokenize", 110, 120);
    SpanDraft publish = request.child("publish", SpanKind.PRODUCER, 130);
    TraceHeader sent = publish.header();
    TraceScope there =
        tracing.as("worker").begin(sent.traceparent(), sent.tracestate(), sent.level());
    SpanDraft handle = there.top("handle", SpanKind.CONSUMER, 140);
    handle
        .set("who", "w")
        .set("n", 3)
        .event("token", 150, io.baton.telemetry.slices.Attributes.NONE);
    handle.end(160);
    there.finish(160);
    publish.end(135);
    request.error("oops", "what happened").end(170);
    here.finish(170);

    List<ReceivedSpan> spans = await().until(() -> receiver.trace(TRACE), s -> s.size() == 4);

    var tree = new SpanTree(spans);
    assertThat(tree.render(UnaryOperator.identity()))
        .isEqualTo(
            """
            request [SERVER] @gateway
              tokenize @gateway
              publish [PRODUCER] @gateway
                handle [CONSUMER] @worker
            """);
    assertThat(tree.idsUnique()).isTrue();
    assertThat(tree.orphans(Set.of(CALLER))).isEmpty();
    assertThat(tree.roots(Set.of(CALLER))).singleElement().matches(ReceivedSpan::failed);
    ReceivedSpan handled = named(spans, "handle");
    assertThat(handled.attribute("who")).isEqualTo("w");
    assertThat(handled.span().getStartTimeUnixNano()).isEqualTo(140);
    assertThat(handled.span().getEndTimeUnixNano()).isEqualTo(160);
    assertThat(handled.span().getEvents(0).getTimeUnixNano()).isEqualTo(150);
    assertThat(sent.tracestate()).isEqualTo("vendor=1");
    assertThat(tracing.leakedSpans()).isZero();
    assertThat(here.made()).isEqualTo(3);
  }

  private static ReceivedSpan named(List<ReceivedSpan> spans, String name) {
    return spans.stream().filter(span -> span.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void withoutACallerATraceBegins() {
    TraceScope scope = tracing.begin("nonsense", "vendor=1", 1);
    SpanDraft request = scope.top("request", SpanKind.SERVER, 100);
    request.end(200);
    scope.finish(200);

    ReceivedSpan span =
        await().until(() -> receiver.trace(scope.traceId()), s -> s.size() == 1).getFirst();
    assertThat(span.parentId()).isEmpty();
    assertThat(request.traceparent()).endsWith("-03");
    assertThat(request.header().tracestate()).as("of a trace that is not continued").isEmpty();
  }

  @Test
  void aSpanThatNobodyEndedIsEndedMarkedAndCounted() {
    TraceScope scope = tracing.begin(SAMPLED, null, 1);
    SpanDraft request = scope.top("request", SpanKind.SERVER, 100);
    SpanDraft forgotten = request.child("forgotten", SpanKind.INTERNAL, 150);
    request.end(200);
    scope.finish(300);

    List<ReceivedSpan> spans = await().until(() -> receiver.trace(TRACE), s -> s.size() == 2);
    assertThat(forgotten.ended()).isTrue();
    assertThat(tracing.leakedSpans()).isEqualTo(1);
    assertThat(named(spans, "forgotten").attribute(SpanNames.LEAKED)).contains("true");
    assertThat(named(spans, "forgotten").span().getEndTimeUnixNano()).isEqualTo(300);
    assertThat(named(spans, "request").attribute(SpanNames.LEAKED)).isEmpty();
  }

  @Test
  void nothingIsExportedTwice() {
    TraceScope scope = tracing.begin(SAMPLED, null, 1);
    SpanDraft request = scope.top("request", SpanKind.SERVER, 100);
    request.end(200);
    request.end(900);
    scope.finish(200);
    scope.finish(900);
    tracing.close();

    assertThat(receiver.all()).singleElement().matches(s -> s.span().getEndTimeUnixNano() == 200);
  }

  @Test
  void anUnsampledCallerStaysUnsampledAndItsContextTravelsOn() {
    TraceScope scope = tracing.begin(UNSAMPLED, "vendor=1", 3);
    SpanDraft publish =
        scope.top("request", SpanKind.SERVER, 100).child("publish", SpanKind.PRODUCER, 100);
    publish.end(200);
    scope.finish(200);
    tracing.close();

    assertThat(scope.recording()).isFalse();
    assertThat(publish.header()).isEqualTo(new TraceHeader(UNSAMPLED, "vendor=1", 3));
    assertThat(publish.header().sampled()).isFalse();
    assertThat(receiver.all()).isEmpty();
    assertThat(scope.made()).isZero();
  }

  @Test
  void atLevelZeroNothingIsRecordedAndTheCallersDecisionTravelsOn() {
    TraceScope scope = tracing.begin(SAMPLED, null, 0);
    SpanDraft request = scope.top("request", SpanKind.SERVER, 100);
    request.end(200);
    scope.finish(200);
    tracing.close();

    assertThat(request.traceparent()).isEqualTo(SAMPLED);
    assertThat(receiver.all()).isEmpty();
  }

  @Test
  void theSamplerDecidesOncePerTrace() {
    tracing.close();
    tracing =
        tracing(
            Map.of(
                "OTEL_TRACES_SAMPLER",
                "parentbased_traceidratio",
                "OTEL_TRACES_SAMPLER_ARG",
                "0.5"));
    int recorded = 0;
    for (int n = 0; n < 200; n++) {
      TraceScope first = tracing.begin(null, null, 1);
      SpanDraft request = first.top("request", SpanKind.SERVER, 100);
      TraceHeader sent = request.header();
      TraceScope second = tracing.as("worker").begin(sent.traceparent(), null, 1);

      assertThat(second.recording()).isEqualTo(first.recording());
      assertThat(sent.sampled()).isEqualTo(first.recording());
      recorded += first.recording() ? 1 : 0;
    }
    assertThat(recorded).isBetween(50, 150);
  }

  @Test
  void withoutABackendOnlyContextsTravel() {
    Tracing off = Tracing.start("gateway", "instance", Map.of());
    TraceScope scope = off.begin(null, null, 3);

    assertThat(off.enabled()).isFalse();
    assertThat(scope.recording()).isFalse();
    SpanDraft request = scope.top("request", SpanKind.SERVER, 100);
    assertThat(TraceParent.parse(request.traceparent()))
        .get()
        .returns(scope.traceId(), TraceParent::traceId)
        .returns(false, TraceParent::sampled);
  }
}
