package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.testkit.OtlpReceiver.ReceivedSpan;
import io.baton.testkit.SpanTree;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Exactly one connected trace per request, whole. */
class TraceTest {
  private static final String CALLER_TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER_SPAN = "b7ad6b7169203331";
  private static final String CALLER = "00-" + CALLER_TRACE + "-" + CALLER_SPAN + "-01";

  @Test
  void anAggregatedRequestLeavesThisTree() throws Exception {
    try (var fleet = TestFleet.aggregated("cpu").start()) {
      var streamed = fleet.client().stream(Client.chat("What is the capital of France?"));

      SpanTree tree = whole(fleet, streamed.traceId(), "client.flush", Set.of());
      assertThat(render(tree))
          .isEqualTo(
              """
              http-request [SERVER] @baton-gateway
                prompt.render @baton-gateway
                prompt.tokenize @baton-gateway
                kv_router.route_request @baton-gateway
                  kv_router.select_worker @baton-gateway
                    kv_router.compute_block_hashes @baton-gateway
                    kv_router.compute_seq_hashes @baton-gateway
                    kv_router.find_matches @baton-gateway
                    kv_router.schedule @baton-gateway
                  publish [PRODUCER] @baton-gateway
                    broker.transit [CONSUMER] @baton-worker-aggregated
                    handle_payload [CONSUMER] @baton-worker-aggregated
                      worker.dispatch @baton-worker-aggregated
                      Bootstrap Room 0x0 @baton-engine
                        Req * @baton-engine
                          Tokenizer * @baton-engine
                            api_server_dispatch @baton-engine
                          Scheduler [TP 0] * @baton-engine
                            request_process @baton-engine
                            prefill_waiting @baton-engine
                            prefill_forward @baton-engine
                            decode_waiting @baton-engine
                            decode_forward @baton-engine
                              decode_loop @baton-engine (several)
                  reply.transit [CONSUMER] @baton-gateway
                stream @baton-gateway
                client.flush @baton-gateway
              """);
    }
  }

  @Test
  void aDisaggregatedRequestLeavesThisTreeBelowItsCaller() throws Exception {
    try (var fleet = TestFleet.disaggregated("cpu").start()) {
      var streamed =
          fleet.client().stream(
              Client.chat("What is the capital of France?"), "traceparent", CALLER);

      assertThat(streamed.traceId()).isEqualTo(CALLER_TRACE);
      SpanTree tree = whole(fleet, CALLER_TRACE, "client.flush", Set.of(CALLER_SPAN));
      assertThat(render(tree))
          .isEqualTo(
              """
              http-request [SERVER] @baton-gateway
                prompt.render @baton-gateway
                prompt.tokenize @baton-gateway
                prefill_routing @baton-gateway
                  kv_find_best_match @baton-gateway
                    kv_router.select_worker @baton-gateway
                      kv_router.compute_block_hashes @baton-gateway
                      kv_router.compute_seq_hashes @baton-gateway
                      kv_router.find_matches @baton-gateway
                      kv_router.schedule @baton-gateway
                  publish [PRODUCER] @baton-gateway
                    broker.transit [CONSUMER] @baton-worker-prefill
                    handle_payload [CONSUMER] @baton-worker-prefill
                      worker.dispatch @baton-worker-prefill
                      Bootstrap Room 0x* @baton-engine
                        prefill Req * @baton-engine
                          Tokenizer * @baton-engine
                            api_server_dispatch @baton-engine
                          Scheduler [TP 0] * @baton-engine
                            prefill_prepare @baton-engine
                            prefill_bootstrap @baton-engine
                            prefill_waiting @baton-engine
                            prefill_forward @baton-engine
                            prefill_transfer_kv_cache @baton-engine
                  reply.transit [CONSUMER] @baton-gateway
                kv_router.route_request @baton-gateway
                  kv_router.select_worker @baton-gateway
                    kv_router.find_matches @baton-gateway
                    kv_router.schedule @baton-gateway
                  publish [PRODUCER] @baton-gateway
                    broker.transit [CONSUMER] @baton-worker-decode
                    handle_payload [CONSUMER] @baton-worker-decode
                      worker.dispatch @baton-worker-decode
                      Bootstrap Room 0x* @baton-engine
                        decode Req * @baton-engine
                          Tokenizer * @baton-engine
                            api_server_dispatch @baton-engine
                          Scheduler [TP 0] * @baton-engine
                            decode_prepare @baton-engine
                            decode_bootstrap @baton-engine
                            decode_transferred @baton-engine
                            decode_waiting @baton-engine
                            decode_forward @baton-engine
                              decode_loop @baton-engine (several)
                  reply.transit [CONSUMER] @baton-gateway
                stream @baton-gateway
                client.flush @baton-gateway
              """);
    }
  }

  @Test
  void anUnsampledCallerStaysUnsampledAndAnInvalidOneStartsAnew() throws Exception {
    try (var fleet = TestFleet.aggregated("sim").start()) {
      var unsampled =
          fleet.client().stream(
              Client.longChat("Hello", 4),
              "traceparent",
              "00-11111111111111111111111111111111-2222222222222222-00");
      var invalid =
          fleet.client().stream(Client.longChat("Hello", 4), "traceparent", "00-zz-zz-01");

      assertThat(unsampled.traceId()).isEqualTo("1".repeat(32));
      assertThat(invalid.traceId()).hasSize(32).isNotEqualTo("1".repeat(32));
      whole(fleet, invalid.traceId(), "client.flush", Set.of());
      assertThat(fleet.receiver().trace("1".repeat(32))).isEmpty();
    }
  }

  /** Waits until a trace has stopped growing, and checks what must be true of every trace. */
  static SpanTree whole(TestFleet fleet, String traceId, String last, Set<String> outside) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            fleet.receiver().trace(traceId).stream().anyMatch(s -> s.name().equals(last))
                && handled(fleet.receiver().trace(traceId)));
    await()
        .pollDelay(Duration.ofMillis(1200))
        .atMost(Duration.ofSeconds(20))
        .until(() -> new SpanTree(fleet.receiver().trace(traceId)).orphans(outside).isEmpty());
    var tree = new SpanTree(fleet.receiver().trace(traceId));
    assertThat(tree.roots(outside)).hasSize(1);
    assertThat(tree.idsUnique()).isTrue();
    return tree;
  }

  /** Whether each publish span's worker has told its side. */
  private static boolean handled(List<ReceivedSpan> spans) {
    long published = spans.stream().filter(s -> s.name().equals("publish")).count();
    long handled = spans.stream().filter(s -> s.name().equals("handle_payload")).count();
    return published == handled
        && spans.stream().filter(s -> s.name().contains("Req ")).count() == handled;
  }

  /** Without ids, and with runs of decode steps as one line. */
  static String render(SpanTree tree) {
    return tree.render(name ->
            name.replaceAll("Room 0x[1-9a-f][0-9a-f]*", "Room 0x*")
                .replaceAll("Req [0-9a-f]{8}", "Req *")
                .replaceAll("\\(host:.*\\)", "*"))
        .replaceAll(
            "( *decode_loop @baton-engine)\n( *decode_loop @baton-engine\n)+", "$1 (several)\n");
  }
}
