package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Boards and alerts ask for metrics that a fleet under load really has. */
class DashboardsTest {
  private static final Path FOLDER =
      Path.of("..", "deploy", "observability").toAbsolutePath().normalize();
  private static final Pattern METRIC =
      Pattern.compile("\\b(baton_[a-z_]+|sglang:[a-z_]+|DCGM_[A-Z_]+|tempo_[a-z_]+)");

  /** Of engines and programs that are not in this test, or of events that do not happen in it. */
  private static final Pattern EXEMPT =
      Pattern.compile(
          "DCGM_.*|tempo_.*|sglang:hicache_.*|sglang:(eviction|load_back)_duration_seconds_bucket"
              + "|baton_gateway_(retries|deferred_traces)_total|baton_worker_legs_failed_total");

  @Test
  void everyMetricThatIsAskedForExistsUnderLoad() throws Exception {
    try (var fleet = TestFleet.disaggregated("sim").start()) {
      for (int i = 0; i < 4; i++) {
        fleet.client().stream(Client.longChat("Load " + i, 12));
      }
      await().until(() -> fleet.client().get("/metrics").contains("baton_gateway_traces_total"));
      String all =
          fleet.client().get("/metrics")
              + fleet.system("prefill-1").get("/metrics")
              + fleet.system("decode-1").get("/metrics");
      Set<String> missing = new TreeSet<>();
      for (String name : asked()) {
        if (!EXEMPT.matcher(name).matches() && !all.contains(name)) {
          missing.add(name);
        }
      }
      assertThat(missing).isEmpty();
    }
  }

  private static Set<String> asked() throws IOException {
    var names = new TreeSet<String>();
    List<Path> files = new ArrayList<>(boards());
    files.add(FOLDER.resolve("prometheus/alerts.yml"));
    for (Path file : files) {
      Matcher metric = METRIC.matcher(Files.readString(file));
      while (metric.find()) {
        names.add(metric.group(1));
      }
    }
    // Boards' titles and ids look like metrics, too.
    names.removeIf(name -> name.endsWith("_"));
    return names;
  }

  private static List<Path> boards() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER.resolve("dashboards"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void boardsAreWhatGrafanaTakesFromFiles() throws Exception {
    Set<String> uids = new HashSet<>();
    for (Path file : boards()) {
      JsonNode board = Client.json(Files.readString(file));
      assertThat(board.path("id").isNull()).isTrue();
      assertThat(uids.add(board.path("uid").asText())).isTrue();
      assertThat(board.path("uid").asText().length()).isBetween(8, 40);
      assertThat(board.path("schemaVersion").asInt()).isBetween(39, 41);
      assertThat(board.has("__inputs")).isFalse();
      Set<Integer> ids = new HashSet<>();
      for (JsonNode panel : board.path("panels")) {
        assertThat(ids.add(panel.path("id").asInt())).isTrue();
        JsonNode place = panel.path("gridPos");
        assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(24);
        assertThat(panel.path("type").asText()).isIn("row", "timeseries", "table");
      }
    }
    assertThat(uids).hasSize(5);
  }
}
