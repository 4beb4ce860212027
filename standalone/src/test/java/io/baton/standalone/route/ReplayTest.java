package io.baton.standalone.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Conversations with one system prompt, as a trace file, through the gym. */
class ReplayTest {
  @TempDir Path folder;

  @Test
  void theSameSeedGivesTheSameFile() throws Exception {
    Path trace = conversations();

    String once = replay(trace, "kv,random,dynamo,oracle", "--seed", "7");
    String again = replay(trace, "kv,random,dynamo,oracle", "--seed", "7");

    assertThat(once).isEqualTo(again);
  }

  @Test
  void theRouterIsBetterThanBlindOnesAndNotBetterThanTheOracle() throws Exception {
    Map<String, ReplayResult> results = run("kv", "round_robin", "least_requests", "oracle");

    ReplayResult kv = results.get("kv");
    assertThat(kv.hitRate()).isGreaterThan(1.5 * results.get("round_robin").hitRate());
    assertThat(kv.ttft().mean()).isLessThan(results.get("least_requests").ttft().mean());
    assertThat(kv.ttft().mean()).isGreaterThan(results.get("oracle").ttft().mean());
    assertThat(kv.imbalance()).isLessThan(1.3);
  }

  @Test
  void everyPolicyAnswersEveryRequestInBothModels() throws Exception {
    List<TraceRequest> trace = TraceFile.read(conversations(), 512);
    var setup = setup(trace);
    for (ReplayModel model : List.of(ReplayModel.SIMPLE, ReplayModel.BATCHING)) {
      for (String name : new Contenders().names()) {
        ReplayResult result =
            new Simulation(setup, model, new Contenders().named(name)).run(name, trace);
        assertThat(result.requests()).as(name).isEqualTo(trace.size());
        assertThat(result.ttft().mean()).as(name).isPositive();
        assertThat(result.hitRate()).as(name).isBetween(0.0, 1.0);
      }
    }
  }

  @Test
  void aDiffSaysWhatOtherSettingsWouldHaveDecided() throws Exception {
    var out = new StringWriter();
    var console = System.out;
    try (var captured = new java.io.ByteArrayOutputStream();
        var stream = new java.io.PrintStream(captured, true)) {
      System.setOut(stream);
      int status =
          command(out).execute("diff", conversations().toString(), "--b", "cache_loss_weight=0");
      assertThat(status).isZero();
      assertThat(captured.toString())
          .containsPattern("b would have decided [1-9][0-9]* of 400 requests")
          .contains("blocks more found cached");
    } finally {
      System.setOut(console);
    }
  }

  @Test
  void aLineThatIsNoRequestIsNamed() throws Exception {
    Path file = folder.resolve("bad.jsonl");
    Files.writeString(
        file,
        "{\"timestamp\":0,\"input_length\":600,\"output_length\":5,\"hash_ids\":[1,2]}\n"
            + "{\"timestamp\":0,\"input_length\":-1,\"output_length\":5,\"hash_ids\":[1]}\n");

    assertThatThrownBy(() -> TraceFile.read(file, 512))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bad.jsonl:2: input_length: -1 (expected: >= 1)");
    assertThatThrownBy(() -> new Contenders().named("best"))
        .hasMessageContaining("--policy: best (expected: some of [kv, ");
  }

  private Map<String, ReplayResult> run(String... names) throws IOException {
    List<TraceRequest> trace = TraceFile.read(conversations(), 512);
    Map<String, ReplayResult> results = new HashMap<>();
    for (String name : names) {
      ReplayModel model = name.equals("oracle") ? ReplayModel.POOLED : ReplayModel.SIMPLE;
      results.put(
          name, new Simulation(setup(trace), model, new Contenders().named(name)).run(name, trace));
    }
    return results;
  }

  private static ReplaySetup setup(List<TraceRequest> trace) {
    return new ReplaySetup(4, 300, 512, ReplaySetup.speedFor(0.9, 4, trace), 1);
  }

  private String replay(Path trace, String policies, String... more) throws IOException {
    Path json = folder.resolve("out.json");
    Path html = folder.resolve("out.html");
    List<String> words = new ArrayList<>(List.of("replay", trace.toString()));
    words.addAll(List.of("--policy", policies, "--workers", "4", "--blocks", "300"));
    words.addAll(List.of("--json", json.toString(), "--plot", html.toString()));
    words.addAll(List.of(more));
    assertThat(command(new StringWriter()).execute(words.toArray(String[]::new))).isZero();
    assertThat(html).content().contains("<svg");
    return Files.readString(json);
  }

  private static CommandLine command(StringWriter out) {
    return new CommandLine(new RouteCommand())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setErr(new PrintWriter(out));
  }

  /** 400 requests: the turns of 80 conversations, each longer than the one before. */
  private Path conversations() throws IOException {
    var random = new SplittableRandom(3);
    record Row(long millis, List<Integer> blocks) {}
    List<Row> rows = new ArrayList<>();
    int next = 10;
    for (int conversation = 0; conversation < 80; conversation++) {
      long at = random.nextInt(60_000);
      List<Integer> blocks = new ArrayList<>(List.of(0, 1));
      for (int turn = 0; turn < 5; turn++) {
        for (int more = random.nextInt(2, 8); more > 0; more--) {
          blocks.add(next++);
        }
        rows.add(new Row(at, List.copyOf(blocks)));
        at += random.nextInt(5_000, 20_000);
      }
    }
    rows.sort(java.util.Comparator.comparingLong(Row::millis));
    Path file = folder.resolve("conversations.jsonl");
    Files.writeString(
        file,
        rows.stream()
            .map(r ->
                "{\"timestamp\":%d,\"input_length\":%d,\"output_length\":40,\"hash_ids\":%s}"
                    .formatted(r.millis, r.blocks.size() * 512 - 100, r.blocks))
            .collect(Collectors.joining("\n")));
    return file;
  }
}
