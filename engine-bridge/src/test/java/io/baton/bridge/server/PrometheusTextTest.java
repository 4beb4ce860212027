package io.baton.bridge.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Engines' metrics, whatever an engine escapes. */
class PrometheusTextTest {
  private static final String SCRAPE =
      """
      # HELP sglang_num_running_reqs The number of running requests.
      # TYPE sglang_num_running_reqs gauge
      sglang_num_running_reqs{model_name="m",tp_rank="0"} 3.0
      vllm:cache_config_info{block_size="32",note="a \\"quoted\\", with } in it",engine="0"} 1.0
      vllm:num_requests_waiting{engine="0"} 2.0
      vllm:num_requests_waiting{engine="1"} 5.0
      process_open_fds 17.0
      nonsense
      # EOF
      """;

  @Test
  void samplesAreFoundByTheirUsualNames() {
    var metrics = PrometheusText.parse(SCRAPE);
    assertThat(metrics.all("sglang:num_running_reqs").getFirst().value()).isEqualTo(3);
    assertThat(metrics.sum("vllm:num_requests_waiting", "engine", "1")).hasValue(5);
    assertThat(metrics.sum("vllm:num_requests_waiting", "engine", "2")).isEmpty();
    assertThat(metrics.all("vllm:cache_config_info").getFirst().labels())
        .isEqualTo(Map.of("block_size", "32", "note", "a \"quoted\", with } in it", "engine", "0"));
    assertThat(metrics.all("process_open_fds").getFirst().value()).isEqualTo(17);
  }

  @Test
  void whatIsPassedOnHasUsualNamesToo() {
    assertThat(PrometheusText.normalise(SCRAPE))
        .contains("# TYPE sglang:num_running_reqs gauge\n")
        .contains("\nsglang:num_running_reqs{model_name=\"m\",tp_rank=\"0\"} 3.0\n")
        .contains("\nprocess_open_fds 17.0\n")
        .doesNotContain("EOF");
  }
}
