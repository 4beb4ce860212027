package io.baton.standalone.up;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Waits until a model can be served, says where things are, and watches until something falls. */
final class Announcer {
  private static final long READY_SECONDS = 120;

  /** Engines load weights, compile, and capture graphs first. */
  private static final long READY_SECONDS_WITH_SERVERS = 1_200;

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final Pattern MODEL_ID = Pattern.compile("\"id\":\"([^\"]+)\"");

  private final FleetPlan plan;
  private final RunningFleet fleet;
  private final Path logs;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  Announcer(FleetPlan plan, RunningFleet fleet, Path logs) {
    this.plan = plan;
    this.fleet = fleet;
    this.logs = logs;
  }

  /** Returns only when something went wrong. */
  int run() {
    System.out.println("baton: starting " + processes() + " (logs in " + logs + ")");
    long until =
        System.nanoTime()
            + TimeUnit.SECONDS.toNanos(
                plan.servers().isEmpty() ? READY_SECONDS : READY_SECONDS_WITH_SERVERS);
    while (!ready()) {
      Optional<String> fallen = fleet.tend();
      if (fallen.isPresent() || System.nanoTime() > until) {
        System.err.println("baton: " + fallen.orElse("no model could be served in time"));
        return 1;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    announce();
    while (true) {
      Optional<String> fallen = fleet.tend();
      if (fallen.isPresent()) {
        System.err.println("baton: " + fallen.get());
        return 1;
      }
      LockSupport.parkNanos(5 * POLL_NANOS);
    }
  }

  private String processes() {
    return "gateway, "
        + String.join(", ", plan.workers().stream().map(FleetPlan.Worker::id).toList());
  }

  private boolean ready() {
    return get("/ready").isPresent();
  }

  private Optional<String> get(String path) {
    try {
      var request =
          HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(2)).build();
      var response = client.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private String url() {
    return "http://127.0.0.1:" + plan.port();
  }

  private void announce() {
    String model = plan.model().isEmpty() ? firstModel() : plan.model();
    System.out.printf(
        """
        baton: ready
          gateway   %s  (/v1/chat/completions, /v1/completions, /v1/models, /health, /metrics)
          broker    %s
          workers   %s
          model     %s
        Try:
          curl -s %s/v1/chat/completions -H 'content-type: application/json' \\
            -d '{"model": "%s", "messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}'
        Add "stream": true for tokens as they come. Ctrl-C stops everything.
        """,
        url(),
        fleet.brokerUrl(),
        String.join(", ", plan.workers().stream().map(FleetPlan.Worker::id).toList()),
        model,
        url(),
        model);
  }

  private String firstModel() {
    Matcher matcher = MODEL_ID.matcher(get("/v1/models").orElse(""));
    return matcher.find() ? matcher.group(1) : "?";
  }
}
