package io.baton.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.testkit.BatonProcess;
import io.baton.testkit.Broker;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every process of a fleet is replaced while clients stream, and no client notices. */
class RollingRestartTest {
  private static final int CLIENTS = 200;
  private static final int TOKENS = 8;

  private final Map<String, BatonProcess> processes = new LinkedHashMap<>();
  private final Map<String, Integer> gatewayPorts = new LinkedHashMap<>();
  private Broker broker;

  @AfterEach
  void stopAll() {
    processes.values().forEach(BatonProcess::close);
    if (broker != null) {
      broker.close();
    }
  }

  @Test
  void everyProcessIsReplacedUnderLoadWithoutAFailedRequestOrACutStream() throws Exception {
    broker = Broker.start();
    try (var balancer = new TcpBalancer()) {
      Map<String, String> workers =
          Map.of(
              "prefill-1",
              "prefill",
              "prefill-2",
              "prefill",
              "decode-1",
              "decode",
              "decode-2",
              "decode");
      workers.forEach(this::startWorker);
      startGateway("gateway-1", balancer);
      startGateway("gateway-2", balancer);
      awaitServing("gateway-1", 4);
      awaitServing("gateway-2", 4);

      try (var load = new StreamingLoad(balancer.port(), CLIENTS, TOKENS)) {
        await().atMost(Duration.ofSeconds(60)).until(() -> load.whole() > CLIENTS);
        replaceGateway("gateway-1", "gateway-3", balancer);
        for (String worker : List.of("prefill-1", "decode-1", "prefill-2", "decode-2")) {
          replaceWorker(worker, workers.get(worker));
        }
        replaceGateway("gateway-2", "gateway-4", balancer);
        int before = load.whole();
        await().atMost(Duration.ofSeconds(60)).until(() -> load.whole() > before + CLIENTS);
        assertThat(load.open()).as("streams under way at the end").isGreaterThan(CLIENTS / 2);
        load.stop();
        System.out.printf(
            "rolling restart: %d streams whole, %d not%n", load.whole(), load.failures().size());
        assertThat(load.failures()).as(this::logs).isEmpty();
      }
    }
  }

  /**
   * As a Deployment does it: the new one serves before the old one leaves; connections stop first,
   * then the signal comes.
   */
  private void replaceGateway(String old, String next, TcpBalancer balancer) throws IOException {
    startGateway(next, balancer);
    awaitServing(next, 4);
    balancer.remove(gatewayPorts.get(old));
    end(old);
  }

  /** As a StatefulSet does it: the old one leaves, then one of the same name comes. */
  private void replaceWorker(String id, String role) {
    end(id);
    startWorker(id, role);
    gatewayPorts.keySet().stream().filter(processes::containsKey).forEach(g -> awaitServing(g, 4));
  }

  private void end(String name) {
    BatonProcess process = processes.remove(name);
    process.terminate();
    process.awaitExit();
    assertThat(process.output()).as(name).contains(" stopped").doesNotContain("cut off");
  }

  private void startGateway(String id, TcpBalancer balancer) throws IOException {
    int port = Http.freePort();
    gatewayPorts.put(id, port);
    processes.put(
        id,
        BatonProcess.start(
            id,
            Map.of(),
            arguments(
                "gateway",
                "id=" + id,
                "server.port=" + port,
                "models=[{name: baton-demo, path: '" + RepositoryFiles.MODEL + "'}]")));
    await().atMost(Duration.ofSeconds(60)).until(() -> Http.status(port, "/ready") == 200);
    balancer.add(port);
  }

  private void startWorker(String id, String role) {
    try {
      processes.put(
          id,
          BatonProcess.start(
              id,
              Map.of(),
              arguments(
                  "worker",
                  "id=" + id,
                  "role=" + role,
                  "engine=sim",
                  "models=[baton-demo]",
                  "builtin.model_path=" + RepositoryFiles.MODEL,
                  "builtin.max_running=256",
                  "builtin.sim.decode_base=300ms")));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private List<String> arguments(String command, String... settings) {
    var arguments = new java.util.ArrayList<String>(List.of(command));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    arguments.addAll(List.of("--set", "nats.servers=" + broker.url()));
    return arguments;
  }

  private void awaitServing(String gateway, int workers) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Http.routableWorkers(gatewayPorts.get(gateway)) == workers);
  }

  private String logs() {
    var out = new StringBuilder();
    processes.forEach(
        (name, process) -> out.append("--- ").append(name).append('\n').append(process.output()));
    return out.toString();
  }
}
