package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.testkit.OtlpReceiver.ReceivedSpan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The level is decided once per request and obeyed in every process. */
class TraceLevelTest {
  /** Engine slices by the level from which on they are there, of a disaggregated request. */
  private static final Map<Integer, Set<String>> SLICES =
      Map.of(
          1,
          Set.of(
              "prefill_prepare",
              "prefill_bootstrap",
              "prefill_waiting",
              "prefill_forward",
              "prefill_transfer_kv_cache",
              "decode_prepare",
              "decode_bootstrap",
              "decode_transferred",
              "decode_waiting",
              "decode_forward"),
          2,
          Set.of("api_server_dispatch"),
          3,
          Set.of("decode_loop"));

  @Test
  void theLevelIsObeyedEverywhereAndFollowsOperators(@TempDir Path folder) throws Exception {
    Path key = Files.writeString(folder.resolve("key"), "callers-secret\n");
    try (var fleet =
        TestFleet.disaggregated("sim")
            .gatewaySet("trace.caller_key_file=" + key)
            .gatewaySet("trace.models=[{model: baton-demo, level: -1, ratio: 1}]")
            .start()) {
      assertThat(slices(fleet)).isEqualTo(slicesUpTo(3));

      assertThat(fleet.admin().get("/set_trace_level?level=1")).isEqualTo("success\n");
      assertThat(slices(fleet)).isEqualTo(slicesUpTo(1));

      // Set at a worker, the gateway follows.
      assertThat(fleet.system("decode-1").get("/set_trace_level?level=2")).isEqualTo("success\n");
      awaitLog(fleet, "trace level is 2 from now on, set at decode-1");
      assertThat(slices(fleet)).isEqualTo(slicesUpTo(2));
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> fleet.worker("prefill-1").output().contains("trace level is 2"));

      // Level 0 makes nothing, and the caller's context still travels.
      assertThat(fleet.admin().post("/set_trace_level?level=0", "").body()).isEqualTo("success\n");
      var silent = fleet.client().stream(Client.longChat("Hello", 4));

      // A caller with the key gets its level, others do not.
      var asked =
          fleet.client().stream(
              Client.longChat("Hello", 4),
              "x-baton-trace-level",
              "3",
              "x-baton-trace-key",
              "callers-secret");
      var refused =
          fleet.client().stream(
              Client.longChat("Hello", 4), "x-baton-trace-level", "3", "x-baton-trace-key", "no");
      TraceTest.whole(fleet, asked.traceId(), "client.flush", Set.of());
      assertThat(slicesOf(fleet, asked.traceId())).isEqualTo(slicesUpTo(3));
      assertThat(fleet.receiver().trace(silent.traceId())).isEmpty();
      assertThat(fleet.receiver().trace(refused.traceId())).isEmpty();

      assertThat(fleet.admin().get("/set_trace_level?level=9"))
          .contains("level: 9 (expected: 0, 1, 2 or 3)");
      assertThat(fleet.system("decode-1").get("/set_trace_level"))
          .contains("level: missing (expected: 0, 1, 2 or 3)");
    }
  }

  private static Set<String> slices(TestFleet fleet) {
    var streamed = fleet.client().stream(Client.longChat("Hello", 4));
    TraceTest.whole(fleet, streamed.traceId(), "client.flush", Set.of());
    return slicesOf(fleet, streamed.traceId());
  }

  private static Set<String> slicesOf(TestFleet fleet, String traceId) {
    return fleet.receiver().trace(traceId).stream()
        .filter(s -> s.service().equals("baton-engine"))
        .map(ReceivedSpan::name)
        .filter(name -> name.matches("[a-z_]+"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> slicesUpTo(int level) {
    var names = new TreeSet<String>();
    SLICES.forEach((from, slices) -> names.addAll(from <= level ? slices : Set.of()));
    return names;
  }

  private static void awaitLog(TestFleet fleet, String text) {
    await().atMost(Duration.ofSeconds(5)).until(() -> fleet.gateway().output().contains(text));
  }
}
