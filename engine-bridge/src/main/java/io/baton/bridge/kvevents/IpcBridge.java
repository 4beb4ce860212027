package io.baton.bridge.kvevents;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port on loopback in front of a Unix domain socket. JeroMQ's own {@code ipc} is TCP under another
 * name and does not meet libzmq's; the bytes on the wire are the same, so they are carried across.
 */
final class IpcBridge implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IpcBridge.class);
  private static final String IPC = "ipc://";
  private static final int BUFFER_BYTES = 64 << 10;

  private final String path;
  private final ServerSocketChannel server;

  private IpcBridge(String path, ServerSocketChannel server) {
    this.path = path;
    this.server = server;
  }

  static boolean isIpc(String endpoint) {
    return endpoint.startsWith(IPC);
  }

  /**
   * Opens a bridge to an {@code ipc} endpoint.
   *
   * @throws IOException if no port can be had
   */
  static IpcBridge open(String endpoint) throws IOException {
    var server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
    var bridge = new IpcBridge(endpoint.substring(IPC.length()), server);
    Thread.ofVirtual().name("baton-ipc-bridge").start(bridge::accept);
    return bridge;
  }

  /** Where to connect instead. */
  String endpoint() throws IOException {
    var address = (InetSocketAddress) server.getLocalAddress();
    return "tcp://127.0.0.1:" + address.getPort();
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        carry(server.accept());
      } catch (IOException e) {
        // Closed, or nobody listens on the path yet: the socket tries again.
        LOG.debug("ipc://{}: {}", path, e.getMessage());
      }
    }
  }

  private void carry(SocketChannel near) throws IOException {
    SocketChannel far = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      far.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      far.close();
      near.close();
      throw e;
    }
    Thread.ofVirtual().start(() -> pump(near, far));
    Thread.ofVirtual().start(() -> pump(far, near));
  }

  private static void pump(ByteChannel from, ByteChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (from;
        to) {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException e) {
      // Either side is gone; the other is closed with it.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      LOG.debug("ipc://{}: {}", path, e.getMessage());
    }
  }
}
