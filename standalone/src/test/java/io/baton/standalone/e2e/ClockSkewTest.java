package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.testkit.OtlpReceiver.ReceivedSpan;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Clocks that are wrong by a quarter of a second are measured, said, and corrected in views. */
class ClockSkewTest {
  private static final long SKEW = 250_000_000;

  @Test
  void viewsNestWithinTheStatedErrorAndTheExportSaysWhatWasMeasured() throws Exception {
    try (var fleet =
        TestFleet.disaggregated("sim")
            .workerSkew("prefill-1", SKEW)
            .workerSkew("decode-1", -SKEW)
            .start()) {
      await().until(() -> offset(fleet, "prefill-1") != 0 && offset(fleet, "decode-1") != 0);
      var streamed = fleet.client().stream(Client.longChat("Hello", 8), "x-request-id", "skewed");
      TraceTest.whole(fleet, streamed.traceId(), "http-request", Set.of());

      long checked = 0;
      for (ReceivedSpan span : fleet.receiver().trace(streamed.traceId())) {
        if (span.name().equals("handle_payload")) {
          long skew = span.service().contains("prefill") ? SKEW : -SKEW;
          assertThat(Math.abs(number(span, "clock.offset_ns") - skew))
              .as(span.service())
              .isLessThanOrEqualTo(number(span, "clock.error_ns") + 1_000_000);
          checked++;
        }
      }
      assertThat(checked).isEqualTo(2);
      JsonNode tree = Client.json(fleet.admin().get("/v1/traces/skewed?format=json"));
      nests(tree.path("roots").path(0));
    }
  }

  private static double offset(TestFleet fleet, String worker) {
    return fleet
        .client()
        .get("/metrics")
        .lines()
        .filter(l -> l.startsWith("baton_gateway_clock_offset_seconds{peer=\"" + worker + "\""))
        .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static long number(ReceivedSpan span, String key) {
    return span.span().getAttributesList().stream()
        .filter(a -> a.getKey().equals(key))
        .mapToLong(a -> a.getValue().getIntValue())
        .findFirst()
        .orElseThrow();
  }

  /** A child begins no earlier than its parent, the stated error and that of the hook allowed. */
  private static void nests(JsonNode span) {
    for (JsonNode child : span.path("children")) {
      long error = child.path("clock_error_nanos").asLong() + 1_000_000;
      assertThat(child.path("start_unix_nanos").asLong())
          .as("%s in %s", child.path("name").asText(), span.path("name").asText())
          .isGreaterThanOrEqualTo(span.path("start_unix_nanos").asLong() - error);
      nests(child);
    }
  }
}
