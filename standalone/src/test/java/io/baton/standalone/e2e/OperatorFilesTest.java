package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.gateway.auth.KeyFile;
import io.baton.testkit.BatonProcess;
import io.baton.testkit.Broker;
import io.baton.testkit.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators change in files while the gateway runs: limits, keys, certificates. */
class OperatorFilesTest {
  private static final Duration RELOAD = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void limitsAndKeysFollowTheirFilesAndBrokenOnesChangeNothing() throws IOException {
    KeyFile.NewKey first = KeyFile.create("team-a", false);
    KeyFile.NewKey second = KeyFile.create("team-b", false);
    KeyFile.NewKey operator = KeyFile.create("operator", true);
    Path keys =
        Files.writeString(
            folder.resolve("keys.yaml"), "keys:\n" + first.line() + "\n" + operator.line() + "\n");
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(file, yaml("60s", keys));
    try (TestFleet fleet = TestFleet.aggregated("sim").gatewayFile(file).start()) {
      Client client = fleet.client();
      String body = Client.chat("Hello").put("max_tokens", 4).toString();
      assertThat(status(client, body, "x", "y")).isEqualTo(401);
      assertThat(status(client, body, "authorization", "Bearer nonsense")).isEqualTo(401);
      assertThat(status(client, body, "authorization", "Bearer " + first.key())).isEqualTo(200);
      assertThat(status(client, body, "x-api-key", first.key())).isEqualTo(200);
      assertThat(client.statusOf("/v1/models")).isEqualTo(401);
      assertThat(adminStatus(fleet, operator.key())).isEqualTo(200);
      assertThat(adminStatus(fleet, first.key())).isEqualTo(401);

      swap(keys, "keys:\n" + second.line() + "\n");
      await()
          .atMost(RELOAD)
          .until(() -> status(client, body, "authorization", "Bearer " + second.key()) == 200);
      assertThat(status(client, body, "authorization", "Bearer " + first.key())).isEqualTo(401);

      swap(keys, "keys: nonsense\n");
      await().atMost(RELOAD).until(() -> fleet.logs().contains("the keys read before stay valid"));
      assertThat(status(client, body, "authorization", "Bearer " + second.key())).isEqualTo(200);

      swap(file, yaml("1ms", keys));
      await()
          .atMost(RELOAD)
          .until(() -> status(client, body, "authorization", "Bearer " + second.key()) == 504);
      swap(file, yaml("whenever", keys));
      await().atMost(RELOAD).until(() -> reloads(client, "refused") == 1);
      assertThat(fleet.logs()).contains("limits.request_timeout: whenever (expected:");
      assertThat(status(client, body, "authorization", "Bearer " + second.key())).isEqualTo(504);
      assertThat(reloads(client, "applied")).isEqualTo(1);
    }
  }

  @Test
  void routingAndTracingFollowTheFile() throws IOException {
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(file, "router: {policy: kv}\ntrace: {level: 3}\n");
    try (TestFleet fleet =
        TestFleet.of("sim")
            .worker("agg-1", "aggregated")
            .worker("agg-2", "aggregated")
            .gatewayFile(file)
            .start()) {
      Client client = fleet.client();
      askAgainAndAgain(client);
      assertThat(List.of(legs(fleet, "agg-1"), legs(fleet, "agg-2")))
          .as("a prompt stays where its cache is")
          .containsExactlyInAnyOrder(0.0, 6.0);

      swap(file, "router: {policy: round_robin}\ntrace: {level: 1}\n");
      await().atMost(RELOAD).until(() -> reloads(client, "applied") == 1);
      askAgainAndAgain(client);
      assertThat(List.of(legs(fleet, "agg-1"), legs(fleet, "agg-2")))
          .as("turn about")
          .containsExactlyInAnyOrder(3.0, 9.0);
      await()
          .atMost(RELOAD)
          .until(() ->
              Client.metric(client.get("/metrics"), "baton_gateway_trace_level") == 1
                  && fleet.worker("agg-2").output().contains("trace level is 1 from now on"));

      swap(file, "router: {policy: round_robin, index_capacity: 1000}\ntrace: {level: 1}\n");
      await().atMost(RELOAD).until(() -> reloads(client, "waiting") == 1);
      assertThat(fleet.logs())
          .contains("in force after a restart only: [router.index_capacity: 4194304 -> 1000]");
    }
  }

  private static void askAgainAndAgain(Client client) {
    String body = Client.chat("Same prompt. ".repeat(40)).put("max_tokens", 2).toString();
    for (int i = 0; i < 6; i++) {
      assertThat(client.post("/v1/chat/completions", body).statusCode()).isEqualTo(200);
    }
  }

  private static double legs(TestFleet fleet, String worker) {
    return fleet.metric(worker, "baton_worker_legs_total");
  }

  @Test
  void aRenewedCertificateIsServedWithoutARestart() throws Exception {
    Certificates old = Certificates.in(Files.createDirectory(folder.resolve("tls")));
    int port = TestFleet.freePort();
    try (Broker broker = Broker.start();
        var gateway =
            BatonProcess.start(
                "gateway",
                Map.of(),
                List.of(
                    "gateway",
                    "--set",
                    "server.port=" + port,
                    "--set",
                    "nats.servers=" + broker.url(),
                    "--set",
                    "server.tls.certificate_file=" + old.certificate(),
                    "--set",
                    "server.tls.key_file=" + old.key()))) {
      await().atMost(Duration.ofSeconds(30)).until(() -> gateway.output().contains("listens on"));
      X509Certificate served = certificateOf(port);

      Certificates fresh = Certificates.in(Files.createDirectory(folder.resolve("fresh")));
      Files.move(fresh.key(), old.key(), StandardCopyOption.REPLACE_EXISTING);
      Files.move(fresh.certificate(), old.certificate(), StandardCopyOption.REPLACE_EXISTING);

      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> !certificateOf(port).getSerialNumber().equals(served.getSerialNumber()));
    }
  }

  private static String yaml(String timeout, Path keys) {
    return "limits: {request_timeout: %s}\nauth: {keys_file: %s}\n".formatted(timeout, keys);
  }

  /** As an orchestrator does it: readers see the old file or the new one. */
  private static void swap(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static int status(Client client, String body, String header, String value) {
    return client.post("/v1/chat/completions", body, header, value).statusCode();
  }

  private static int adminStatus(TestFleet fleet, String key) {
    return fleet
        .admin()
        .post("/set_trace_level?level=3", "", "authorization", "Bearer " + key)
        .statusCode();
  }

  private static double reloads(Client client, String outcome) {
    String name = "baton_gateway_config_reloads_total{outcome=\"" + outcome + "\"}";
    return client
        .get("/metrics")
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(0);
  }

  private static X509Certificate certificateOf(int port) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new LookOnly()}, new SecureRandom());
    try (var socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  /** The test looks at what is served; whether to trust it is not its question. */
  private static final class LookOnly implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
