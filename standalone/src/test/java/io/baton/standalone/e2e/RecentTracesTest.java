package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.standalone.trace.TraceCommand;
import io.baton.testkit.OtlpReceiver.ReceivedSpan;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A trace can be read at the gateway, whole and audited, without any backend. */
class RecentTracesTest {
  @Test
  void theGatewayShowsWhatTheBackendGotAndSaysWhereTheTimeWent(@TempDir Path folder)
      throws Exception {
    try (var fleet = TestFleet.disaggregated("sim").start()) {
      // Warm, so that what a JVM does at first is not what is judged.
      fleet.client().stream(Client.longChat("Hello", 4));
      // A clock is measured by heartbeats, two a second.
      await().until(() -> clocksMeasured(fleet));
      List<Client.Streaming> beside =
          List.of(
              fleet.client().open(Client.longChat("One neighbour", 60)),
              fleet.client().open(Client.longChat("Another neighbour", 60)));
      var streamed =
          fleet.client().stream(Client.longChat("Hello again", 8), "x-request-id", "look-me-up");
      beside.forEach(other -> other.readAll(piece -> {}));
      String traceId = streamed.traceId();
      TraceTest.whole(fleet, traceId, "http-request", Set.of());
      await().until(() -> root(fleet, "look-me-up").has("baton.trace.verdict"));

      // By request id and by trace id; the same spans as at the backend.
      assertThat(root(fleet, traceId)).isEqualTo(root(fleet, "look-me-up"));
      JsonNode otlp = Client.json(fleet.admin().get("/v1/traces/" + traceId + "?format=otlp"));
      assertThat(ids(otlp))
          .isEqualTo(
              fleet.receiver().trace(traceId).stream()
                  .map(ReceivedSpan::id)
                  .collect(Collectors.toCollection(TreeSet::new)));
      assertThat(fleet.admin().get("/v1/traces")).contains("look-me-up", traceId);
      assertThat(fleet.admin().get("/v1/traces/nowhere"))
          .contains("nowhere: no such trace here (expected: a trace id");

      // The phases add up to the request, and to its first token.
      JsonNode tree = Client.json(fleet.admin().get("/v1/traces/look-me-up?format=json"));
      JsonNode root = tree.path("roots").path(0);
      assertThat(sum(root.path("attributes"), "baton.critical_path."))
          .isCloseTo(
              root.path("duration_nanos").asLong() / 1e9,
              org.assertj.core.data.Offset.offset(1e-6));
      assertThat(sum(root.path("attributes"), "baton.ttft_path."))
          .isCloseTo(
              root.path("attributes").path("baton.ttft_seconds").asDouble(),
              org.assertj.core.data.Offset.offset(1e-6));
      assertThat(root.path("attributes").path("baton.trace.verdict").asText())
          .isIn("complete", "unattributed");

      Path file = folder.resolve("trace.json");
      assertThat(run(fleet, "show", "look-me-up")).contains("http-request [SERVER]", "decode_loop");
      List<String> traces = new ArrayList<>(List.of(traceId));
      beside.forEach(other -> traces.add(other.traceId()));
      var perfetto = new ArrayList<>(List.of("perfetto", "-o", file.toString()));
      perfetto.addAll(traces);
      assertThat(run(fleet, perfetto.toArray(String[]::new))).contains("wrote");
      PerfettoRules.check(Client.json(Files.readString(file)));
    }
  }

  private static boolean clocksMeasured(TestFleet fleet) {
    fleet.client().stream(Client.longChat("Hello", 4), "x-request-id", "clock");
    String text = fleet.admin().get("/v1/traces/clock");
    return text.contains("clock of decode-1") && text.contains("clock of prefill-1");
  }

  private static JsonNode root(TestFleet fleet, String id) {
    return Client.json(fleet.admin().get("/v1/traces/" + id + "?format=json"))
        .path("roots")
        .path(0)
        .path("attributes");
  }

  private static double sum(JsonNode attributes, String prefix) {
    double sum = 0;
    for (Map.Entry<String, JsonNode> attribute : attributes.properties()) {
      sum += attribute.getKey().startsWith(prefix) ? attribute.getValue().asDouble() : 0;
    }
    return sum;
  }

  private static Set<String> ids(JsonNode otlp) {
    var ids = new TreeSet<String>();
    otlp.path("resourceSpans")
        .forEach(resource ->
            resource
                .path("scopeSpans")
                .forEach(scope ->
                    scope.path("spans").forEach(span -> ids.add(span.path("spanId").asText()))));
    return ids;
  }

  private static String run(TestFleet fleet, String... arguments) {
    var out = new StringWriter();
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(1, List.of("--gateway", fleet.admin().base()));
    int status =
        new CommandLine(TraceCommand.class)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .execute(all.toArray(String[]::new));
    assertThat(status).as(out.toString()).isZero();
    return out.toString();
  }

  /** What Perfetto asks of a file: slices of a track nest, and arrows begin and end at slices. */
  static final class PerfettoRules {
    private record Slice(double start, double end, String name) {}

    static void check(JsonNode file) {
      Map<String, List<Slice>> tracks = new HashMap<>();
      Map<Integer, Integer> arrows = new HashMap<>();
      Set<String> kinds = new HashSet<>();
      for (JsonNode event : file.path("traceEvents")) {
        String phase = event.path("ph").asText();
        if (phase.equals("X")) {
          double start = event.path("ts").asDouble();
          tracks
              .computeIfAbsent(track(event), t -> new ArrayList<>())
              .add(
                  new Slice(
                      start, start + event.path("dur").asDouble(), event.path("name").asText()));
        }
      }
      tracks.forEach(PerfettoRules::nests);
      for (JsonNode event : file.path("traceEvents")) {
        String phase = event.path("ph").asText();
        if (phase.equals("s") || phase.equals("f")) {
          arrows.merge(event.path("id").asInt(), phase.equals("s") ? 1 : -1, Integer::sum);
          kinds.add(event.path("cat").asText());
          double at = event.path("ts").asDouble();
          assertThat(tracks.getOrDefault(track(event), List.of()))
              .as("a slice for %s", event)
              .anyMatch(s -> s.start() - 0.01 <= at && at <= s.end() + 0.01);
        }
      }
      assertThat(arrows.values()).isNotEmpty().allMatch(balance -> balance == 0);
      assertThat(kinds).contains("message", "link", "kv");
    }

    private static String track(JsonNode event) {
      return event.path("pid").asInt() + "/" + event.path("tid").asInt();
    }

    private static void nests(String track, List<Slice> slices) {
      slices.sort(
          java.util.Comparator.comparingDouble(Slice::start)
              .thenComparing(java.util.Comparator.comparingDouble(Slice::end).reversed()));
      var open = new java.util.ArrayDeque<Slice>();
      for (Slice slice : slices) {
        while (!open.isEmpty() && open.peek().end() <= slice.start() + 0.001) {
          open.pop();
        }
        if (!open.isEmpty()) {
          assertThat(slice.end())
              .as("%s in %s on track %s", slice, open.peek(), track)
              .isLessThanOrEqualTo(open.peek().end() + 0.001);
        }
        open.push(slice);
      }
    }
  }
}
