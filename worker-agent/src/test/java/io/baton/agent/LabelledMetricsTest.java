package io.baton.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LabelledMetricsTest {
  @Test
  void everySampleSaysWhoseItIsAndFamiliesStandTogether() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(
        "a",
        "# HELP x_total Xs.\n# TYPE x_total counter\nx_total 1.0\n# TYPE y gauge\ny{k=\"v\"} 2\n");
    texts.put("b", "# HELP x_total Xs.\n# TYPE x_total counter\nx_total 3.0\n");
    assertThat(LabelledMetrics.join("worker", texts))
        .isEqualTo(
            """
            # HELP x_total Xs.
            # TYPE x_total counter
            x_total{worker="a"} 1.0
            x_total{worker="b"} 3.0
            # TYPE y gauge
            y{worker="a",k="v"} 2
            """);
  }
}
