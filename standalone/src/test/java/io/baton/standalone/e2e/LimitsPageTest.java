package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.telemetry.MetricNames;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The table of bounded things in docs/operations.md: whatever has a limit that can be set stands in
 * it, and every setting and metric that it names is there.
 */
class LimitsPageTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern SETTING = Pattern.compile("(?m)^\\| `([a-z0-9_.\\[\\]]+)` \\|");

  /** How a setting is called that bounds something. */
  private static final Pattern LIMIT =
      Pattern.compile(
          "(^|\\.)(max_[a-z_]+|[a-z_]*capacity|queue|outgoing_queue_messages|recent|key_labels|retry_reserve|kv_memory|blocks|host_blocks)$");

  /** Bounds of files on disk, which stand with what they are for. */
  private static final Set<String> ELSEWHERE =
      Set.of("trace.file.max_size", "access_log.max_size", "router.receipts.max_size");

  private record Row(String what, String settings, String metrics) {}

  @Test
  void everyLimitStandsInTheTableAndEverythingThatItNamesExists() throws Exception {
    List<Row> rows = rows();
    Set<String> settings = settings();
    Set<String> named = new TreeSet<>();
    for (Row row : rows) {
      codes(row.settings())
          .forEach(setting -> {
            assertThat(settings).as("setting of: %s", row.what()).contains(setting);
            named.add(setting);
          });
    }
    assertThat(settings.stream().filter(s -> LIMIT.matcher(s).find() && !ELSEWHERE.contains(s)))
        .as("settings that bound something, and are in the table")
        .allMatch(named::contains);

    Set<String> metrics = metrics();
    for (Row row : rows) {
      assertThat(metrics).as("metrics of: %s", row.what()).containsAll(codes(row.metrics()));
      assertThat(row.metrics()).as("metric of: %s", row.what()).containsPattern("`baton_|none: ");
    }
  }

  private static List<Row> rows() throws IOException {
    String page = Files.readString(DOCS.resolve("operations.md"));
    String table = page.substring(page.indexOf("## Bounded things"), page.indexOf("## Alerts"));
    var rows = new ArrayList<Row>();
    for (String line : table.lines().filter(l -> l.startsWith("| ")).skip(1).toList()) {
      String[] cells = line.split("\\|");
      rows.add(new Row(cells[2].strip(), cells[4], cells[5]));
    }
    assertThat(rows).hasSizeGreaterThan(20);
    return rows;
  }

  private static List<String> codes(String cell) {
    return CODE.matcher(cell).results().map(match -> match.group(1)).toList();
  }

  /** All settings of gateways and workers; ConfigCommandTest holds the page to the code. */
  private static Set<String> settings() throws IOException {
    Matcher keys = SETTING.matcher(Files.readString(DOCS.resolve("configuration.md")));
    return keys.results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What a gateway and a worker serve, and what they serve once it happens. */
  private static Set<String> metrics() throws Exception {
    Set<String> names = new TreeSet<>();
    for (Field field : MetricNames.class.getFields()) {
      String name = String.valueOf(field.get(null)).replace('.', '_');
      names.addAll(List.of(name, name + "_total"));
    }
    try (var fleet = TestFleet.aggregated("sim").start()) {
      fleet.client().unary(Client.chat("Hello").put("max_tokens", 4));
      for (String scrape :
          List.of(fleet.client().get("/metrics"), fleet.system("agg-1").get("/metrics"))) {
        scrape
            .lines()
            .filter(line -> line.startsWith("baton_"))
            .map(line -> line.split("[{ ]", 2)[0])
            .forEach(names::add);
      }
    }
    return names;
  }
}
