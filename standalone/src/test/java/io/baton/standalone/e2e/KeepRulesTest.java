package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.testkit.SpanTree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * At a share of almost nothing, traces that matter are whole at the backend, the rest not there.
 */
class KeepRulesTest {
  private static final Duration QUICK = Duration.ofSeconds(2);

  @Test
  void failedAndSlowRequestsAreKeptWholeAndNothingElseIs() throws Exception {
    try (var fleet =
        TestFleet.disaggregated("sim")
            .gatewaySet("trace.ratio=0")
            .gatewaySet("trace.keep.errors=true")
            .gatewaySet("trace.keep.slow_request=3s")
            .start()) {
      // Warm: what a JVM does at first may take longer than the rule allows.
      fleet.client().stream(Client.longChat("Warm", 4));
      List<String> quick = new ArrayList<>();
      List<String> late = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        long start = System.nanoTime();
        String id = fleet.client().stream(Client.longChat("Quick " + i, 4)).traceId();
        boolean inTime = System.nanoTime() - start < QUICK.toNanos();
        (inTime ? quick : late).add(id);
      }
      assertThat(quick).isNotEmpty();
      // 700 tokens at 6 ms each, at least.
      String slow = fleet.client().stream(Client.longChat("Slow", 700)).traceId();
      var wrong =
          fleet
              .client()
              .post("/v1/chat/completions", Client.chat("x").put("max_tokens", -1).toString());
      String failed = wrong.headers().firstValue("x-trace-id").orElseThrow();

      SpanTree tree = TraceTest.whole(fleet, slow, "http-request", Set.of());
      assertThat(TraceTest.render(tree))
          .contains("decode_loop @baton-engine (several)", "prefill_transfer_kv_cache");
      TraceTest.whole(fleet, failed, "http-request", Set.of());
      for (String id : quick) {
        assertThat(fleet.receiver().trace(id)).as(id).isEmpty();
      }
      // Both workers have heard the verdicts: they hold nothing any more.
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() ->
              fleet.metric("prefill-1", "baton_trace_held_spans") == 0
                  && fleet.metric("decode-1", "baton_trace_held_spans") == 0);
      assertThat(fleet.metric("decode-1", "baton_trace_unjudged_traces_total")).isZero();

      // The gateway dies before its verdict: kept, and marked.
      var cut = fleet.client().open(Client.longChat("Cut", 400));
      cut.readPiece();
      fleet.gateway().kill();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              fleet.receiver().trace(cut.traceId()).stream()
                  .anyMatch(s -> s.name().equals("handle_payload")));
      assertThat(fleet.receiver().trace(cut.traceId()))
          .allMatch(s -> !s.attribute("baton.trace.incomplete").isEmpty());
    }
  }
}
