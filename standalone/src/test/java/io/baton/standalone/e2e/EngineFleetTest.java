package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.testkit.BatonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One agent in front of servers that are others': they come and go while clients stream. */
class EngineFleetTest {
  private static final int CLIENTS = 40;

  @Test
  void tenServersOfAFileThatChangesAreServedByOneAgentWithoutAFailedRequest(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("engines.yaml");
    List<PlainServer> servers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      servers.add(new PlainServer("theirs"));
    }
    write(file, servers.subList(0, 10));
    try (var fleet = TestFleet.aggregated("sim").gatewaySet("pools=[default, theirs]").start();
        var agent = agent(fleet, file)) {
      awaitWorkers(fleet, agent, servers.subList(0, 10));

      var failures = new ConcurrentLinkedQueue<String>();
      try (var load = new Load(fleet.client(), failures)) {
        load.goOn(3 * CLIENTS);
        assertThat(servers.subList(0, 10)).allMatch(server -> server.requests() > 0);

        List<PlainServer> left = servers.subList(4, 12);
        write(file, left);
        awaitWorkers(fleet, agent, left);
        List<Integer> gone = servers.subList(0, 4).stream().map(PlainServer::requests).toList();
        load.goOn(3 * CLIENTS);
        assertThat(servers.subList(0, 4).stream().map(PlainServer::requests).toList())
            .as("nothing goes to those that were taken off the list")
            .isEqualTo(gone);
        assertThat(servers.subList(10, 12)).allMatch(server -> server.requests() > 0);

        // Two that fail before the first byte: others are asked, and nobody hears of it.
        servers.get(10).fault(PlainServer.Fault.REFUSES);
        servers.get(11).fault(PlainServer.Fault.BREAKS);
        load.goOn(3 * CLIENTS);
        assertThat(retries(fleet)).isPositive();
        servers.subList(10, 12).forEach(server -> server.fault(PlainServer.Fault.NONE));
        List<Integer> ill = servers.subList(10, 12).stream().map(PlainServer::requests).toList();
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> servers.get(10).requests() > ill.get(0) + 5);
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> servers.get(11).requests() > ill.get(1) + 5);
        load.stop();
      }
      assertThat(failures).as(agent::output).isEmpty();
      assertThat(agent.output()).contains("is ours from now on");
    } finally {
      servers.forEach(PlainServer::close);
    }
  }

  private static double retries(TestFleet fleet) {
    return Client.metric(fleet.client().get("/metrics"), "baton_gateway_retries_total");
  }

  private static BatonProcess agent(TestFleet fleet, Path file) throws IOException {
    var arguments = new ArrayList<String>(List.of("worker"));
    for (String setting :
        List.of(
            "id=theirs",
            "pool=theirs",
            "engine=openai",
            "fleet.file=" + file,
            "system.port=0",
            "nats.servers=" + fleet.broker().url())) {
      arguments.addAll(List.of("--set", setting));
    }
    return BatonProcess.start("agent", Map.of(), arguments);
  }

  /** Whole or not at all, as whoever writes such a file should. */
  private static void write(Path file, List<PlainServer> servers) throws IOException {
    String text =
        servers.stream()
            .map(server -> "  - {url: '" + server.url() + "'}\n")
            .collect(Collectors.joining("", "engines:\n", ""));
    Path next = Files.writeString(file.resolveSibling("next.yaml"), text);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void awaitWorkers(TestFleet fleet, BatonProcess agent, List<PlainServer> servers) {
    List<String> expected =
        servers.stream().map(server -> "theirs-127-0-0-1-" + server.port()).sorted().toList();
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              fleet.client().workers().entrySet().stream()
                  .filter(worker -> worker.getValue() && worker.getKey().startsWith("theirs"))
                  .map(Map.Entry::getKey)
                  .sorted()
                  .toList()
                  .equals(expected));
    } catch (RuntimeException e) {
      throw new IllegalStateException(fleet.client().get("/health") + "\n" + agent.output(), e);
    }
  }

  /** Clients that ask for one stream after the other. */
  private static final class Load implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger whole = new AtomicInteger();
    private final Queue<String> failures;
    private volatile boolean going = true;

    Load(Client client, Queue<String> failures) {
      this.failures = failures;
      for (int i = 0; i < CLIENTS; i++) {
        threads.execute(() -> {
          while (going) {
            try {
              var end = client.stream(Client.longChat("Hello", 5).put("model", "theirs"));
              if (end.finishReason().equals("stop") && end.done()) {
                whole.incrementAndGet();
              } else {
                failures.add(end.toString());
              }
            } catch (RuntimeException e) {
              failures.add(e.toString());
            }
          }
        });
      }
    }

    void goOn(int streams) {
      int before = whole.get();
      await().atMost(Duration.ofSeconds(60)).until(() -> whole.get() > before + streams);
    }

    void stop() throws InterruptedException {
      going = false;
      threads.shutdown();
      if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
        failures.add("streams did not end");
      }
    }

    @Override
    public void close() {
      going = false;
      threads.shutdownNow();
    }
  }
}
