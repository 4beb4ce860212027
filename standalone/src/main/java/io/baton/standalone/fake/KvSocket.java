package io.baton.standalone.fake;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ.Socket;

/**
 * A publisher of KV events with a replay socket, as both engines have it, on a thread of its own.
 */
final class KvSocket implements AutoCloseable {
  private static final int WINDOW = 10_000;
  private static final byte[] EMPTY = new byte[0];

  private record Sent(long sequence, byte[] payload) {}

  private final ZContext zmq = new ZContext(1);
  private final BlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>(WINDOW);
  private final Deque<Sent> window = new ArrayDeque<>();
  private final byte[] topic;
  private final BooleanSupplier dropSome;
  private final Thread thread;
  private volatile boolean closing;
  private long next;

  /**
   * Binds endpoints with {@code *}, connects to others, as the engines do; the replay socket is
   * always bound.
   */
  KvSocket(String endpoint, String replayEndpoint, String topic, BooleanSupplier dropSome) {
    this.topic = topic.getBytes(StandardCharsets.UTF_8);
    this.dropSome = dropSome;
    Socket publisher = zmq.createSocket(SocketType.PUB);
    publisher.setLinger(0);
    if (endpoint.contains("*")) {
      publisher.bind(endpoint);
    } else {
      publisher.connect(endpoint);
    }
    Socket router = zmq.createSocket(SocketType.ROUTER);
    router.setLinger(0);
    if (!replayEndpoint.isEmpty()) {
      router.bind(replayEndpoint);
    }
    this.thread =
        Thread.ofPlatform().daemon().name("fake-kv-events").start(() -> run(publisher, router));
  }

  void publish(byte[] payload) throws InterruptedException {
    waiting.put(payload);
  }

  /** Begins to count anew and has nothing for replay any more; what is waiting is lost. */
  void restart() {
    waiting.clear();
    waiting.add(EMPTY);
  }

  private void run(Socket publisher, Socket router) {
    try {
      while (!closing) {
        byte[] payload = waiting.poll(20, TimeUnit.MILLISECONDS);
        if (payload != null) {
          send(publisher, payload);
        }
        answer(router);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(Socket publisher, byte[] payload) {
    if (payload.length == 0) {
      next = 0;
      window.clear();
      return;
    }
    long sequence = next++;
    window.addLast(new Sent(sequence, payload));
    if (window.size() > WINDOW) {
      window.removeFirst();
    }
    if (sequence % 10 == 5 && dropSome.getAsBoolean()) {
      return;
    }
    publisher.sendMore(topic);
    publisher.sendMore(bytes(sequence));
    publisher.send(payload);
  }

  private void answer(Socket router) {
    byte[] identity;
    while ((identity = router.recv(org.zeromq.ZMQ.DONTWAIT)) != null) {
      byte[] last = EMPTY;
      int frames = 1;
      while (router.hasReceiveMore()) {
        last = router.recv();
        frames++;
      }
      if (frames != 3 || last.length != Long.BYTES) {
        continue;
      }
      long from = ByteBuffer.wrap(last).getLong();
      for (Sent sent : window) {
        if (sent.sequence() >= from) {
          reply(router, identity, topic, bytes(sent.sequence()), sent.payload());
        }
      }
      reply(router, identity, EMPTY, bytes(-1), EMPTY);
    }
  }

  private static void reply(Socket router, byte[]... frames) {
    router.sendMore(frames[0]);
    router.sendMore(EMPTY);
    for (int i = 1; i < frames.length - 1; i++) {
      router.sendMore(frames[i]);
    }
    router.send(frames[frames.length - 1]);
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    zmq.close();
  }
}
