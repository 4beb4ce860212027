package io.baton.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.standalone.fake.StandIn;
import io.baton.testkit.Ports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code baton doctor}: what is wrong is named, with the flag to set; what is right is not. */
class DoctorTest {
  private static final Path MODEL =
      Path.of("..", "models", "baton-demo").toAbsolutePath().normalize();

  private final List<StandIn> servers = new ArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(StandIn::close);
  }

  private URI sglang(String... arguments) throws IOException {
    servers.add(StandIn.sglang(with(arguments)));
    return servers.getLast().url();
  }

  private URI vllm(String... arguments) throws IOException {
    servers.add(StandIn.vllm(with(arguments)));
    return servers.getLast().url();
  }

  private static String[] with(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.add("--model=" + MODEL);
    return all.toArray(String[]::new);
  }

  private static int freePort() throws IOException {
    return Ports.free();
  }

  private static String events(int port) {
    return "--kv-endpoint=tcp://127.0.0.1:" + port;
  }

  private static String replay(int port) {
    return "--kv-replay-endpoint=tcp://127.0.0.1:" + port;
  }

  private static List<Finding> examine(URI... urls) {
    return Doctor.examine(List.of(urls), Optional.of(MODEL)).findings();
  }

  private static void assertNamed(List<Finding> findings, URI where, String flag) {
    assertThat(findings)
        .as("%s at %s", flag, where)
        .anyMatch(f -> f.where().contains(where.toString()) && f.remedy().contains(flag));
  }

  @Test
  void eachOfThirteenMisconfigurationsIsNamedWithItsFlag() throws IOException {
    URI bare = sglang("--block-size=1", "--without=metrics,cache_report");
    URI prefill = sglang("--mode=prefill", "--kv-cache-dtype=fp8_e5m2", events(freePort()));
    URI decode = sglang("--mode=decode", "--block-size=32", events(freePort()), replay(freePort()));
    URI poor = vllm("--without=prefix_caching,prompt_tokens_details,per_request_metrics");
    URI foreign = vllm("--fault=other_tokens", events(freePort()));
    URI nobody = URI.create("http://127.0.0.1:" + freePort());

    List<Finding> findings = examine(bare, prefill, decode, poor, foreign, nobody);

    Map<URI, List<String>> planted =
        Map.of(
            bare,
            List.of(
                "--kv-events-config",
                "--enable-trace --otlp-traces-endpoint",
                "--enable-metrics",
                "--enable-cache-report",
                "--page-size 16"),
            prefill,
            List.of("\"replay_endpoint\"", "the same --kv-cache-dtype"),
            decode,
            List.of("the same --page-size"),
            poor,
            List.of(
                "--enable-prefix-caching",
                "--enable-prompt-tokens-details",
                "--enable-per-request-metrics"),
            foreign,
            List.of("models=[{name: baton-demo, path: DIR}]"),
            nobody,
            List.of("correct the URL"));
    planted.forEach((where, flags) -> flags.forEach(flag -> assertNamed(findings, where, flag)));
    assertThat(planted.values().stream().mapToInt(List::size).sum()).isEqualTo(13);
  }

  @Test
  void halfOfAPairIsNamed() throws IOException {
    URI decode = sglang("--mode=decode", events(freePort()), replay(freePort()));

    assertThat(examine(decode))
        .anyMatch(f -> f.remedy().contains("--disaggregation-mode prefill on another engine"));
  }

  @Test
  void ofServersThatAreRightNothingIsSaid() throws IOException {
    URI vllm = vllm(events(freePort()), replay(freePort()));
    URI sglang = sglang("--enable-trace", events(freePort()), replay(freePort()));

    assertThat(examine(vllm)).isEmpty();
    assertThat(examine(sglang)).isEmpty();
  }
}
