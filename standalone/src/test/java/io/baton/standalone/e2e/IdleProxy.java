package io.baton.standalone.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A load balancer as many are: it cuts a connection on which no answer has come for a while. */
final class IdleProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Duration idle;
  private final AtomicInteger cut = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  IdleProxy(int target, Duration idle) throws IOException {
    this.listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    this.target = target;
    this.idle = idle;
    threads.execute(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Connections that it cut. */
  int cut() {
    return cut.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        threads.execute(() -> join(client));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void join(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      server.setSoTimeout((int) idle.toMillis());
      threads.execute(() -> copy(client, server));
      copy(server, client);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[8 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, read);
        out.flush();
      }
    } catch (SocketTimeoutException e) {
      cut.incrementAndGet();
    } catch (IOException e) {
      // One end is closed; the other is closed next.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdownNow();
  }
}
