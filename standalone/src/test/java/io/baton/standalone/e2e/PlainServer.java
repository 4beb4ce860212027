package io.baton.standalone.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** The least that is a server of OpenAI's API: a list of one model, and chat as a slow stream. */
final class PlainServer implements AutoCloseable {
  private static final int PIECES = 5;
  private static final long PAUSE_NANOS = Duration.ofMillis(30).toNanos();

  private final HttpServer server;
  private final String model;
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Fault fault = Fault.NONE;

  /** What it does wrong before the first byte of an answer. */
  enum Fault {
    NONE,
    /** 503. */
    REFUSES,
    /** The connection breaks. */
    BREAKS
  }

  PlainServer(String model) throws IOException {
    this.model = model;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/models", this::models);
    server.createContext("/v1/chat/completions", this::chat);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  /** Requests that it has got. */
  int requests() {
    return requests.get();
  }

  void fault(Fault now) {
    fault = now;
  }

  private void models(HttpExchange exchange) throws IOException {
    byte[] body =
        "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":\"model\"}]}"
            .formatted(model)
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void chat(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    exchange.getRequestBody().readAllBytes();
    if (fault == Fault.BREAKS) {
      exchange.close();
      return;
    }
    if (fault == Fault.REFUSES) {
      exchange.sendResponseHeaders(503, -1);
      exchange.close();
      return;
    }
    exchange.getResponseHeaders().set("content-type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    for (int i = 0; i < PIECES; i++) {
      event(exchange, "{\"delta\":{\"content\":\"word \"},\"index\":0}");
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    event(exchange, "{\"delta\":{},\"index\":0,\"finish_reason\":\"stop\"}");
    exchange.getResponseBody().write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
    exchange.close();
  }

  private void event(HttpExchange exchange, String choice) throws IOException {
    String text =
        "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"model\":\"%s\",\"choices\":[%s]}\n\n"
            .formatted(model, choice);
    exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
