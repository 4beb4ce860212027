package io.baton.standalone.up;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The broker of a local fleet: one that {@code NATS_URL} names, or a {@code nats-server} started on
 * a free loopback port.
 *
 * @param process empty if the broker is not ours
 */
record LocalBroker(String url, Optional<ChildProcess> process) {
  private static final long START_SECONDS = 10;

  /**
   * Finds or starts a broker.
   *
   * @throws IOException saying how to get one
   */
  static LocalBroker find(Map<String, String> environment, Path logs) throws IOException {
    String url = environment.get("NATS_URL");
    if (url != null && !url.isBlank()) {
      return new LocalBroker(url, Optional.empty());
    }
    int port = freePort();
    ChildProcess process =
        ChildProcess.program(
            "nats-server",
            logs,
            List.of(program(environment), "-a", "127.0.0.1", "-p", Integer.toString(port)));
    awaitListening(process, port);
    return new LocalBroker("nats://127.0.0.1:" + port, Optional.of(process));
  }

  private static String program(Map<String, String> environment) throws IOException {
    String named = environment.get("BATON_NATS_SERVER");
    if (named != null && Files.isExecutable(Path.of(named))) {
      return named;
    }
    for (String folder : environment.getOrDefault("PATH", "").split(":")) {
      Path candidate = Path.of(folder, "nats-server");
      if (Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    throw new IOException(
        "no NATS broker: set NATS_URL to one that runs, BATON_NATS_SERVER to a nats-server program,"
            + " or put nats-server on the PATH");
  }

  /** A port that was free a moment ago; the broker cannot pick one and tell. */
  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(ChildProcess process, int port) throws IOException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (process.alive() && System.nanoTime() < until) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        if (socket.isConnected()) {
          return;
        }
      } catch (IOException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
    process.terminate();
    throw new IOException("nats-server did not start:\n" + process.lastLines());
  }
}
