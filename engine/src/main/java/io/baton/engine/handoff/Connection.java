package io.baton.engine.handoff;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A data-plane socket whose every wait has a limit: a watch closes it when a deadline has passed,
 * which ends reads and writes alike.
 */
final class Connection implements AutoCloseable {
  private static final long NEVER = Long.MAX_VALUE;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private volatile long deadlineNanos = NEVER;
  private volatile String lateness = "";
  private boolean ending;

  Connection(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /** From now on the other side must do something at least this often. */
  synchronized void expectWithin(Duration limit, String otherwise) {
    if (ending) {
      return;
    }
    lateness = otherwise + " within " + limit.toMillis() + " ms";
    deadlineNanos = System.nanoTime() + limit.toNanos();
  }

  /** Nothing is expected of the other side now. */
  synchronized void expectNothing() {
    if (!ending) {
      deadlineNanos = NEVER;
    }
  }

  /** Gives it a moment to say goodbye. */
  synchronized void endSoon() {
    ending = true;
    long soon = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
    if (deadlineNanos - soon > 0) {
      deadlineNanos = soon;
    }
  }

  /** Closes it if its deadline has passed. */
  void checkDeadline(long nowNanos) {
    long deadline = deadlineNanos;
    if (deadline != NEVER && nowNanos - deadline > 0) {
      close();
    }
  }

  void read(Frame frame) throws IOException, HandoffException {
    frame.read(in);
  }

  void write(Frame frame) throws IOException {
    out.write(frame.bytes(), 0, frame.size());
  }

  /** What went wrong, in words for both legs. */
  String explain(IOException e, String peer) {
    long deadline = deadlineNanos;
    if (deadline != NEVER && System.nanoTime() - deadline > 0) {
      return peer + " " + lateness;
    }
    return peer + " broke off: " + e;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // Closing is all we wanted.
    }
  }
}
