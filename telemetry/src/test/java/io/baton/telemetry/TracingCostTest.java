package io.baton.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.baton.telemetry.record.OtlpProto;
import io.baton.telemetry.record.SpanRecord;
import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.Stage;
import io.baton.telemetry.slices.ThreadTrace;
import io.opentelemetry.api.trace.SpanKind;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What tracing costs. Allocations are exact and asserted; times depend on the machine and are
 * printed ({@code baton.cost:}), with bounds so wide that only a mistake breaks them.
 */
class TracingCostTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final String UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  private static final int ROUNDS = 20_000;

  @Test
  void whatIsNotRecordedCostsNothingBeyondPassingTheContextOn() {
    Tracing tracing = Tracing.start("gateway", "instance", Map.of());
    tracing.tap((traceId, gateway, spans, deferred) -> {});
    TraceScope scope = tracing.begin(UNSAMPLED, null, 2);
    SpanDraft root = scope.top(SpanNames.HTTP_REQUEST, SpanKind.SERVER, 1);
    for (int i = 0; i < ROUNDS; i++) {
      request(scope, root);
    }
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long nanos = System.nanoTime();
    for (int i = 0; i < ROUNDS; i++) {
      request(scope, root);
    }
    nanos = System.nanoTime() - nanos;
    bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;

    report("unrecorded request", nanos, bytes);
    // The two readings themselves may allocate.
    assertThat(bytes / ROUNDS).isZero();
    assertThat(nanos / ROUNDS).isLessThan(20_000);
    assertThat(scope.made()).isZero();
  }

  /** What the gateway does for a disaggregated request, apart from passing the context on. */
  private static void request(TraceScope scope, SpanDraft root) {
    root.set(SpanNames.X_REQUEST_ID, "id").set("http.response.status_code", 200);
    root.closedChild(SpanNames.PROMPT_RENDER, 1, 2);
    root.closedChild(SpanNames.PROMPT_TOKENIZE, 2, 3);
    for (int leg = 0; leg < 2; leg++) {
      SpanDraft routing = root.child(SpanNames.ROUTE_REQUEST, SpanKind.INTERNAL, 3);
      routing.child(SpanNames.SELECT_WORKER, SpanKind.INTERNAL, 4).end(5);
      routing.child(SpanNames.PUBLISH, SpanKind.PRODUCER, 5).set(SpanNames.WORKER_ID, "w").end(6);
      routing.end(7);
    }
    root.child(SpanNames.CLIENT_FLUSH, SpanKind.INTERNAL, 8).end(9);
    scope.finish(10);
  }

  @Test
  void aSampledDisaggregatedRequestIsCheap() {
    var taken = new ArrayList<SpanRecord>();
    Tracing tracing = Tracing.start("gateway", "instance", Map.of());
    tracing.tap((traceId, gateway, spans, deferred) ->
        spans.forEach(s -> taken.add(SpanRecord.of(s, SpanRecord.originOf(s)))));
    int spans = 0;
    for (int i = 0; i < ROUNDS; i++) {
      spans = sampled(tracing, taken);
    }
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long cpu = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < ROUNDS; i++) {
      spans = sampled(tracing, taken);
    }
    cpu = THREADS.getCurrentThreadCpuTime() - cpu;
    bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;

    report("sampled disaggregated request at level 2, " + spans + " spans as OTLP", cpu, bytes);
    assertThat(spans).isBetween(25, 60);
    assertThat(cpu / ROUNDS).isLessThan(2_000_000);
  }

  /** Gateway and both workers and engines in one thread, each part as its process does it. */
  private static int sampled(Tracing tracing, List<SpanRecord> taken) {
    taken.clear();
    TraceScope scope = tracing.begin(null, null, 2);
    SpanDraft root = scope.top(SpanNames.HTTP_REQUEST, SpanKind.SERVER, 1);
    request(scope, root, tracing);
    root.end(10);
    scope.finish(10);
    OtlpProto.message(taken).toByteArray();
    return taken.size();
  }

  private static void request(TraceScope scope, SpanDraft root, Tracing tracing) {
    root.closedChild(SpanNames.PROMPT_RENDER, 1, 2);
    root.closedChild(SpanNames.PROMPT_TOKENIZE, 2, 3);
    for (String role : List.of("prefill", "decode")) {
      SpanDraft routing = root.child(SpanNames.ROUTE_REQUEST, SpanKind.INTERNAL, 3);
      routing.set(SpanNames.WORKER_ID, "w").set(SpanNames.OVERLAP_BLOCKS, 3);
      routing.child(SpanNames.SELECT_WORKER, SpanKind.INTERNAL, 4).end(5);
      SpanDraft publish = routing.child(SpanNames.PUBLISH, SpanKind.PRODUCER, 5);
      worker(tracing, publish, role);
      publish.end(6);
      routing.end(7);
    }
    root.child(SpanNames.CLIENT_FLUSH, SpanKind.INTERNAL, 8).end(9);
  }

  private static void worker(Tracing tracing, SpanDraft publish, String role) {
    var header = publish.header();
    TraceScope scope = tracing.follow(header.traceparent(), null, "gateway", "2");
    scope.top(SpanNames.BROKER_TRANSIT, SpanKind.CONSUMER, 5).end(6);
    SpanDraft payload = scope.top(SpanNames.HANDLE_PAYLOAD, SpanKind.CONSUMER, 6);
    payload.set(SpanNames.WORKER_ID, "w").set(SpanNames.RID, "rid").set(SpanNames.ENDPOINT, "g");
    RequestTrace request =
        RequestTrace.start(new Direct(tracing), payload.header(), role, "0123456789", 7, 6);
    if (request != null) {
      ThreadTrace thread = request.thread("Scheduler", 0, 6);
      for (Stage stage :
          List.of(
              Stage.PREFILL_PREPARE,
              Stage.PREFILL_BOOTSTRAP,
              Stage.PREFILL_WAITING,
              Stage.PREFILL_FORWARD,
              Stage.PREFILL_TRANSFER_KV_CACHE)) {
        thread.slice(stage, 6, 7, Attributes.NONE);
      }
      request.finish(7);
    }
    payload.end(8);
    scope.finish(8);
  }

  /** Builds at once, so that the cost is counted here. */
  private record Direct(Tracing tracing) implements io.baton.telemetry.slices.SliceExporter {
    @Override
    public boolean enabled() {
      return true;
    }

    @Override
    public int export(RequestTrace finished) {
      new RequestSpans(tracing, finished).build();
      return RequestSpans.count(finished);
    }
  }

  private static void report(String what, long nanos, long bytes) {
    System.out.printf(
        "baton.cost: %s: %.3f us, %d B%n", what, nanos / 1e3 / ROUNDS, bytes / ROUNDS);
  }
}
