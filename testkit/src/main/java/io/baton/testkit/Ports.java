package io.baton.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for processes that a test starts. */
public final class Ports {
  private static final int LOWEST = 12_000;
  private static final int TRIES = 200;

  /** Where Linux begins to give ports to connections. */
  private static final int END = 32_000;

  private Ports() {}

  /**
   * A free port of the loopback that no connection gets by chance before the process binds it.
   *
   * @throws IOException if none was found
   */
  public static int free() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, END);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Somebody has it: another one.
      }
    }
    throw new IOException("no free port from " + LOWEST + " to " + END);
  }
}
