package io.baton.standalone.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that ask for one stream after the other, and note every one that did not end as it
 * should.
 */
final class StreamingLoad implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 60_000;

  private final URI uri;
  private final int tokens;
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger whole = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private volatile boolean going = true;

  /**
   * Starts the clients; each goes on until {@link #stop}.
   *
   * @param tokens of each answer
   */
  StreamingLoad(int port, int clients, int tokens) {
    this.uri = URI.create("http://127.0.0.1:" + port + "/v1/chat/completions");
    this.tokens = tokens;
    for (int i = 0; i < clients; i++) {
      int client = i;
      this.clients.execute(() -> ask(client));
    }
  }

  private void ask(int client) {
    // Every other client keeps its connection for the next request, as client libraries do.
    boolean keepsConnection = client % 2 == 0;
    for (int turn = 0; going; turn++) {
      open.incrementAndGet();
      try {
        String trouble =
            stream("client " + client + " asks the " + turn + ". time", keepsConnection);
        if (trouble.isEmpty()) {
          whole.incrementAndGet();
        } else {
          failures.add(trouble);
        }
      } catch (IOException e) {
        failures.add(e.toString());
      } finally {
        open.decrementAndGet();
      }
    }
  }

  /** Empty if the stream came whole. */
  private String stream(String text, boolean keepsConnection) throws IOException {
    var connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    connection.setDoOutput(true);
    connection.setRequestProperty("content-type", "application/json");
    if (!keepsConnection) {
      connection.setRequestProperty("connection", "close");
    }
    String body =
        """
        {"model": "baton-demo", "stream": true, "ignore_eos": true, "max_tokens": %d,
         "stream_options": {"include_usage": true}, "messages": [{"role": "user", "content": "%s"}]}
        """
            .formatted(tokens, text);
    try (var out = connection.getOutputStream()) {
      out.write(body.getBytes(StandardCharsets.UTF_8));
    }
    int status = connection.getResponseCode();
    if (status != 200) {
      var error = connection.getErrorStream();
      return status
          + ": "
          + (error == null ? "" : new String(error.readAllBytes(), StandardCharsets.UTF_8));
    }
    try (var reader =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      String all = String.join("\n", reader.lines().filter(line -> !line.isEmpty()).toList());
      boolean ended = all.endsWith("data: [DONE]") && all.contains("\"finish_reason\":\"length\"");
      boolean complete = all.contains("\"completion_tokens\":" + tokens);
      return ended && complete ? "" : "cut: ..." + all.substring(Math.max(0, all.length() - 300));
    }
  }

  /** Streams that came whole so far. */
  int whole() {
    return whole.get();
  }

  /** Streams under way. */
  int open() {
    return open.get();
  }

  /** What went wrong so far. */
  Queue<String> failures() {
    return failures;
  }

  /** Lets streams under way end and starts no others. */
  void stop() throws InterruptedException {
    going = false;
    clients.shutdown();
    if (!clients.awaitTermination(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
      failures.add("streams did not end");
    }
  }

  @Override
  public void close() {
    going = false;
    clients.shutdownNow();
  }
}
