package io.baton.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.engine.EngineSettings.Limits;
import io.baton.engine.EngineSettings.SimTiming;
import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.SliceExporter;
import io.baton.telemetry.slices.ThreadTrace;
import io.baton.telemetry.slices.TraceHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A request's slices partition its time and carry the names of SGLang's engine tracing. */
class TraceTest {
  private static final String SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final EngineSettings SIM =
      EngineSettings.sim("sim").withSim(SimTiming.INSTANT).withLimits(new Limits(8, 8, 16, 0));

  private final List<RequestTrace> exported = new CopyOnWriteArrayList<>();
  private final SliceExporter exporter =
      new SliceExporter() {
        @Override
        public boolean enabled() {
          return true;
        }

        @Override
        public int export(RequestTrace finished) {
          exported.add(finished);
          return 7;
        }
      };

  private static TraceHeader level(int level) {
    return new TraceHeader(SAMPLED, "", level);
  }

  private static List<String> names(ThreadTrace thread, boolean nested) {
    return thread.slices().stream()
        .filter(slice -> slice.nested() == nested)
        .map(slice -> slice.stage().name())
        .toList();
  }

  private static void assertPartition(RequestTrace trace) {
    long at = -1;
    for (ThreadTrace thread : trace.threads()) {
      for (ThreadTrace.Slice slice : thread.slices()) {
        assertThat(slice.startNanos()).isLessThanOrEqualTo(slice.endNanos());
        if (!slice.nested() && thread.label().label().equals("Scheduler")) {
          assertThat(at < 0 || slice.startNanos() == at).as(slice.stage().name()).isTrue();
          at = slice.endNanos();
        }
      }
    }
    assertThat(trace.endNanos()).isEqualTo(at);
  }

  @Test
  void aggregated() throws EngineStartException {
    try (var engine = BuiltinEngine.start(SIM, exporter)) {
      var sink = new RecordingSink();
      engine.generate(Requests.greedy(new int[40], 4), "rid-1", level(3), sink);
      assertThat(sink.finish().spansMade()).isEqualTo(7);
    }
    RequestTrace trace = exported.getFirst();
    assertThat(trace.role()).isEmpty();
    assertThat(trace.room()).isZero();
    assertThat(trace.rid()).isEqualTo("rid-1");
    ThreadTrace tokenizer = trace.threads().get(0);
    assertThat(tokenizer.label().spanName()).startsWith("Tokenizer (host:");
    assertThat(names(tokenizer, false)).containsExactly("api_server_dispatch");
    ThreadTrace scheduler = trace.threads().get(1);
    assertThat(scheduler.label().spanName()).startsWith("Scheduler [TP 0] (host:");
    assertThat(names(scheduler, false))
        .containsExactly(
            "request_process",
            "prefill_waiting",
            "prefill_forward",
            "decode_waiting",
            "decode_forward");
    // 40 tokens in chunks of 16, then three more tokens after the first.
    assertThat(names(scheduler, true))
        .containsExactly(
            "chunked_prefill",
            "chunked_prefill",
            "chunked_prefill",
            "decode_loop",
            "decode_loop",
            "decode_loop");
    assertPartition(trace);
    var attributes = new ArrayList<String>();
    trace.attributes().forEach((name, value) -> attributes.add(name + "=" + value));
    assertThat(attributes)
        .contains(
            "gen_ai.usage.prompt_tokens=40",
            "gen_ai.usage.completion_tokens=4",
            "gen_ai.response.finish_reasons=[\"length\"]");
  }

  @Test
  void lowerLevelsShowLessAndUnsampledNothing() throws EngineStartException {
    try (var engine = BuiltinEngine.start(SIM, exporter)) {
      var headers =
          List.of(level(1), level(0), new TraceHeader(SAMPLED.substring(0, 53) + "00", "", 3));
      for (TraceHeader header : headers) {
        var sink = new RecordingSink();
        engine.generate(Requests.greedy(new int[40], 4), "rid", header, sink);
        sink.finish();
      }
    }
    assertThat(exported).hasSize(1);
    assertThat(names(exported.getFirst().threads().get(1), false))
        .containsExactly("prefill_waiting", "prefill_forward", "decode_waiting", "decode_forward");
    assertThat(names(exported.getFirst().threads().get(1), true)).isEmpty();
  }

  @Test
  void speculationShowsItsDraftsAndWhatWasAcceptedOfThem() throws EngineStartException {
    // Of two tokens, so that what was said comes again.
    var repeating =
        new SimTiming(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 64, 2);
    var speculating = SIM.withSim(repeating).withSpeculation(new EngineSettings.Speculation(4, 2));
    long accepted;
    try (var engine = BuiltinEngine.start(speculating, exporter)) {
      var sink = new RecordingSink();
      engine.generate(Requests.greedy(new int[40], 200), "rid", level(2), sink);
      sink.finish();
      accepted = engine.stats().acceptedDraftTokens();
      assertThat(engine.stats().draftTokens()).isPositive();
      assertThat(engine.stageLatencies().all().keySet())
          .contains("request_process", "prefill_forward", "chunked_prefill", "decode_waiting")
          .doesNotContain("prefill_waiting", "spec_verify");
    }
    ThreadTrace scheduler = exported.getFirst().threads().get(1);
    assertThat(names(scheduler, true))
        .contains("spec_draft", "spec_verify")
        .doesNotContain("decode_loop");
    var told = new java.util.concurrent.atomic.AtomicLong();
    for (ThreadTrace.Slice slice : scheduler.slices()) {
      if (slice.stage().name().equals("spec_verify")) {
        slice.attributes().forEach((name, value) -> told.addAndGet((Long) value));
      }
    }
    assertThat(told.get()).isEqualTo(accepted);
    assertPartition(exported.getFirst());
  }

  @Test
  void disaggregated() throws EngineStartException {
    try (var prefill = BuiltinEngine.start(SIM.withRole(Role.PREFILL), exporter);
        var decode = BuiltinEngine.start(SIM.withRole(Role.DECODE), exporter)) {
      var handoff = Requests.handoff(77, prefill.card().handoff().orElseThrow().dataPort());
      var request = Requests.greedy(new int[10], 3);
      var first = new RecordingSink();
      var second = new RecordingSink();
      prefill.generate(Requests.leg(request, Leg.PREFILL, handoff), "rid", level(2), first);
      decode.generate(Requests.leg(request, Leg.DECODE, handoff), "rid", level(2), second);
      first.finish();
      second.finish();
    }
    assertThat(exported).hasSize(2);
    for (RequestTrace trace : exported) {
      assertThat(trace.room()).isEqualTo(77);
      assertPartition(trace);
      List<String> slices = names(trace.threads().get(1), false);
      if (trace.role().equals("prefill")) {
        assertThat(slices)
            .containsExactly(
                "prefill_prepare",
                "prefill_bootstrap",
                "prefill_waiting",
                "prefill_forward",
                "prefill_transfer_kv_cache");
      } else {
        assertThat(trace.role()).isEqualTo("decode");
        assertThat(slices)
            .containsExactly(
                "decode_prepare",
                "decode_bootstrap",
                "decode_transferred",
                "decode_waiting",
                "decode_forward");
      }
    }
  }

  @Test
  void aCancelledRequestsTraceIsAbortedWithTheReason() throws EngineStartException {
    var slow = SIM.withSim(SimTiming.DEFAULT);
    try (var engine = BuiltinEngine.start(slow, exporter)) {
      var sink = new RecordingSink();
      engine.generate(Requests.greedy(new int[4], 5_000), "rid", level(3), sink);
      await().until(() -> sink.tokens().length > 1);
      engine.cancel("rid");
      sink.finish();
    }
    assertThat(exported.getFirst().abortReason()).isEqualTo("cancelled");
    assertPartition(exported.getFirst());
  }
}
