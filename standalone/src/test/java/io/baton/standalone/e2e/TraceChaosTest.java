package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.testkit.OtlpReceiver.ReceivedSpan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Whatever becomes of requests, each leaves one connected trace: one root, no orphan, no open span.
 * The checks here are written anew and share nothing with the gateway's audit.
 */
class TraceChaosTest {
  private static final int REQUESTS = 120;
  private static final int AT_ONCE = 12;
  private static final long SEED = 42;

  @Test
  void everyRequestLeavesOneConnectedTraceWhateverBecomesOfIt() throws Exception {
    try (var fleet =
        TestFleet.of("sim")
            .worker("prefill-1", "prefill")
            .worker("prefill-2", "prefill")
            .worker("decode-1", "decode")
            .worker("decode-2", "decode")
            .gatewaySet("limits.request_timeout=2s")
            .gatewaySet("trace.recent=2000")
            .start()) {
      List<String> traces = Collections.synchronizedList(new ArrayList<>());
      run(fleet, traces);

      // All but those whose client never heard an id.
      assertThat(traces).hasSizeGreaterThan(REQUESTS / 2);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> traces.stream().allMatch(id -> hasRoot(fleet, id)));
      await()
          .pollInterval(Duration.ofSeconds(1))
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> traces.forEach(id -> check(id, fleet.receiver().trace(id))));
      String metrics = fleet.client().get("/metrics");
      assertThat(Client.metric(metrics, "baton_trace_leaked_spans_total")).isZero();
      assertThat(audited(metrics)).doesNotContainKey("orphan");
    }
  }

  private static void run(TestFleet fleet, List<String> traces) throws Exception {
    var random = new SplittableRandom(SEED);
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      SplittableRandom own = random.split();
      work.add(() -> {
        one(fleet.client(), own, traces);
        return null;
      });
    }
    try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      var deaths = Executors.newSingleThreadExecutor();
      Future<?> killer = deaths.submit(() -> kill(fleet, traces));
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
      killer.get();
      deaths.shutdown();
    }
  }

  /** Two real deaths in the middle of it. */
  private static void kill(TestFleet fleet, List<String> traces) {
    await().atMost(Duration.ofMinutes(1)).until(() -> traces.size() > REQUESTS / 6);
    fleet.worker("prefill-2").kill();
    await().atMost(Duration.ofMinutes(1)).until(() -> traces.size() > REQUESTS / 3);
    fleet.worker("decode-2").kill();
  }

  private static void one(Client client, SplittableRandom random, List<String> traces) {
    switch (random.nextInt(6)) {
      case 0 -> {
        // Refused.
        var answer =
            client.post("/v1/chat/completions", Client.chat("x").put("max_tokens", -1).toString());
        traces.add(answer.headers().firstValue("x-trace-id").orElseThrow());
      }
      case 1, 2 -> {
        // Leaves in the middle.
        try (var stream = client.open(Client.longChat("Leaving", 200))) {
          traces.add(stream.traceId());
          int pieces = random.nextInt(8);
          for (int i = 0; i < pieces && stream.readPiece(); i++) {
            // Only reads.
          }
        }
      }
      case 3 -> {
        // Longer than the deadline allows.
        var stream = client.open(Client.longChat("Too long", 1_000));
        traces.add(stream.traceId());
        stream.readAll(piece -> {});
      }
      default -> {
        var stream = client.open(Client.longChat("Whole", 4 + random.nextInt(20)));
        traces.add(stream.traceId());
        stream.readAll(piece -> {});
      }
    }
  }

  private static boolean hasRoot(TestFleet fleet, String traceId) {
    return fleet.receiver().trace(traceId).stream().anyMatch(s -> s.parentId().isEmpty());
  }

  /** One root, all others below it, ids unique, no span that was left open. */
  private static void check(String traceId, List<ReceivedSpan> spans) {
    Map<String, ReceivedSpan> byId = new HashMap<>();
    Set<String> roots = new HashSet<>();
    for (ReceivedSpan span : spans) {
      assertThat(byId.put(span.id(), span)).as("id twice in %s", traceId).isNull();
      assertThat(span.attribute("baton.span.leaked")).as(span.name()).isEmpty();
      assertThat(span.span().getEndTimeUnixNano())
          .as(span.name())
          .isGreaterThanOrEqualTo(span.span().getStartTimeUnixNano());
      if (span.parentId().isEmpty()) {
        roots.add(span.id());
      }
    }
    assertThat(roots).as("roots of %s", traceId).hasSize(1);
    for (ReceivedSpan span : spans) {
      ReceivedSpan at = span;
      for (int depth = 0; depth < 32 && !at.parentId().isEmpty(); depth++) {
        ReceivedSpan above = byId.get(at.parentId());
        assertThat(above).as("%s of %s hangs below nothing", at.name(), traceId).isNotNull();
        at = above;
      }
      assertThat(roots).contains(at.id());
    }
  }

  private static Map<String, Double> audited(String metrics) {
    Map<String, Double> counts = new HashMap<>();
    metrics
        .lines()
        .filter(line -> line.startsWith("baton_gateway_traces_total{"))
        .forEach(line ->
            counts.put(
                line.replaceAll(".*verdict=\"([a-z_]+)\".*", "$1"),
                Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
    return counts;
  }
}
