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

  @Override
  public String toString() {
    return fault + " at byte " + at + " " + direction;
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
    var bytes = new byte[8192];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        long before = count.get();
        int whole = read;
        if (way == direction && at >= before && at < before + read) {
          int spoiled = (int) (at - before);
          if (fault == Fault.FLIP) {
            bytes[spoiled] ^= 4;
          } else if (fault != Fault.NONE) {
            whole = spoiled;
          }
        }
        out.write(bytes, 0, whole);
        count.addAndGet(whole);
        if (whole < read) {
          if (fault == Fault.STALL) {
            return;
          }
          break;
        }
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
