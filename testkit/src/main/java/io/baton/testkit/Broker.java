package io.baton.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A real {@code nats-server} on a free loopback port, which can be killed and started again. */
public final class Broker implements AutoCloseable {
  private static final long START_SECONDS = 10;

  private final int port;
  private final int monitorPort;
  private final List<String> extraArguments;
  private final Path log;
  private Process process;

  private Broker(int port, int monitorPort, List<String> extraArguments, Path log)
      throws IOException {
    this.port = port;
    this.monitorPort = monitorPort;
    this.extraArguments = extraArguments;
    this.log = log;
    this.process = launch();
  }

  /** Starts one, with its monitoring port open. */
  public static Broker start() throws IOException {
    return start(List.of());
  }

  /** Starts one with a configuration file, for permissions and limits. */
  public static Broker start(String configuration) throws IOException {
    Path file = Files.createTempFile(folder(), "nats-", ".conf");
    return start(List.of("-c", Files.writeString(file, configuration).toString()));
  }

  private static Broker start(List<String> extraArguments) throws IOException {
    Path log = Files.createTempFile(folder(), "nats-server-", ".log");
    return new Broker(freePort(), freePort(), extraArguments, log);
  }

  private static Path folder() throws IOException {
    return Files.createDirectories(Path.of("target", "processes"));
  }

  private static int freePort() throws IOException {
    return Ports.free();
  }

  private Process launch() throws IOException {
    var command = new ArrayList<String>(List.of(program()));
    command.addAll(extraArguments);
    command.addAll(List.of("-a", "127.0.0.1", "-p", Integer.toString(port)));
    command.addAll(List.of("-m", Integer.toString(monitorPort)));
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (started.isAlive() && System.nanoTime() < until) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        if (socket.isConnected()) {
          return started;
        }
      } catch (IOException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
    started.destroyForcibly();
    throw new IOException("nats-server did not start:\n" + Files.readString(log));
  }

  private static String program() throws IOException {
    String named =
        System.getProperty(
            "BATON_NATS_SERVER", System.getenv().getOrDefault("BATON_NATS_SERVER", ""));
    if (!named.isEmpty()) {
      return named;
    }
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
      Path candidate = Path.of(directory, "nats-server");
      if (Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    throw new IOException(
        "no nats-server: run the tests by `./baton test`, which gets one, or set BATON_NATS_SERVER");
  }

  /** For clients. */
  public String url() {
    return "nats://127.0.0.1:" + port;
  }

  /** What the broker itself counts, such as {@code /connz?subs=1}. */
  public String monitor(String path) throws IOException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + monitorPort + path)).build();
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** As {@code kill -9}. */
  public void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** Starts it again on the same port, after a kill. */
  public void restart() throws IOException {
    process = launch();
  }

  private void awaitExit() {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
