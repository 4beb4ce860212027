package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What dashboards made for SGLang ask for is there, and observations lead to their traces. */
class MetricsTest {
  private static final Pattern EXEMPLAR =
      Pattern.compile(
          "baton_gateway_time_to_first_token_seconds_bucket\\{.*# \\{.*trace_id=\"([0-9a-f]{32})\"");

  @Test
  void theEngineSpeaksSglangsNamesAndTheGatewaysHistogramsNameTraces() throws Exception {
    try (var fleet = TestFleet.aggregated("sim").start()) {
      String traceId = fleet.client().stream(Client.longChat("Hello there", 20)).traceId();

      String worker = fleet.system("agg-1").get("/metrics");
      assertThat(worker)
          .contains(
              "sglang:num_running_reqs{model_name=\"baton-demo\",engine_type=\"unified\"",
              "sglang:per_stage_req_latency_seconds_bucket{",
              "stage=\"prefill_forward\"",
              "# TYPE sglang:generation_tokens_total counter");
      assertThat(Client.metric(worker, "sglang:generation_tokens_total")).isEqualTo(20);
      assertThat(Client.metric(worker, "sglang:num_requests_total")).isEqualTo(1);
      assertThat(Client.metric(worker, "sglang:e2e_request_latency_seconds_count")).isEqualTo(1);
      assertThat(Client.metric(worker, "sglang:inter_token_latency_seconds_count")).isEqualTo(19);

      String open = fleet.system("agg-1").get("/metrics", "accept", "application/openmetrics-text");
      assertThat(open).endsWith("# EOF\n").contains("# TYPE sglang:generation_tokens counter");
      await()
          .until(() -> {
            String text = fleet.client().get("/metrics", "accept", "application/openmetrics-text");
            var exemplar = EXEMPLAR.matcher(text);
            return exemplar.find() && exemplar.group(1).equals(traceId);
          });
      await()
          .until(() ->
              Client.metric(fleet.client().get("/metrics"), "baton_gateway_traces_total") == 1);
    }
  }
}
