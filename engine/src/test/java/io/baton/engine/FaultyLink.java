package io.baton.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/** A TCP relay that spoils one direction at a given byte. */
final class FaultyLink implements AutoCloseable {
  /** What happens at the byte. */
  enum Fault {
    NONE,
    FLIP,
    CUT,
    STALL
  }

  /** Which way the byte goes. */
  enum Direction {
    TO_PREFILL,
    TO_DECODE
  }

  private final ServerSocket server;
  private final int target;
  private final Fault fault;
  private final Direction direction;
  private final long at;
  private final AtomicLong toPrefill = new AtomicLong();
  private final AtomicLong toDecode = new AtomicLong();

  FaultyLink(int target, Fault fault, Direction direction, long at) throws IOException {
    this.target = target;
    this.fault = fault;
    this.direction = direction;
    this.at = at;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Bytes relayed so far. */
  long bytes(Direction way) {
    return way == Direction.TO_PREFILL ? toPrefill.get() : toDecode.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket decode = server.accept();
        var prefill = new Socket(InetAddress.getLoopbackAddress(), target);
        Thread.ofVirtual().start(() -> relay(decode, prefill, Direction.TO_PREFILL));
        Thread.ofVirtual().start(() -> relay(prefill, decode, Direction.TO_DECODE));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void relay(Socket from, Socket to, Direction way) {
    AtomicLong count = way == Direction.TO_PREFILL ? toPrefill : toDecode;
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (way == direction && count.get() == at) {
          if (fault == Fault.CUT) {
            break;
          }
          if (fault == Fault.STALL) {
            return;
          }
          next ^= fault == Fault.FLIP ? 4 : 0;
        }
        count.incrementAndGet();
        out.write(next);
      }
    } catch (IOException e) {
      // One side is gone; so will be the other.
    }
    close(from);
    close(to);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Closing is all we wanted.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
