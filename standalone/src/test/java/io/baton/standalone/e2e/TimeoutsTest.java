package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A request ends when its time is over, and says which time; a client and its proxy hear of it
 * before they give up.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TimeoutsTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String FIRST_TOKEN = "x-baton-first-token-timeout-ms";
  private static final String INTER_TOKEN = "x-baton-inter-token-timeout-ms";
  private static final String TOTAL = "x-baton-total-timeout-ms";
  private static final String COMMIT_AFTER = "x-baton-commit-after-ms";

  /** With BATON_LONG_TESTS: a proxy that waits 10 s before a queue of 30 s. */
  private static final boolean LONG = Boolean.parseBoolean(System.getenv("BATON_LONG_TESTS"));

  private static final Duration PROXY_IDLE = Duration.ofMillis(LONG ? 10_000 : 800);
  private static final int TOKENS_BEFORE = LONG ? 60 : 6;

  private TestFleet fleet;

  /** A first token after more than a second, and half a second between tokens; one at a time. */
  @BeforeAll
  void start() throws IOException {
    fleet =
        TestFleet.aggregated("sim")
            .workerSet("builtin.sim.prefill_base=1200ms")
            .workerSet("builtin.sim.decode_base=500ms")
            .gatewaySet("admission.max_running=1")
            .gatewaySet("server.sse_keep_alive=" + PROXY_IDLE.toMillis() / 2 + "ms")
            .gatewaySet("limits.models=[{model: baton-demo, request_timeout: 2m}]")
            .start();
  }

  @AfterEach
  void engineIsFreeAgain() {
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> fleet.metric("agg-1", "baton_worker_live_legs") == 0);
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  @Test
  void aFirstTokenThatIsLateIs504AndSaysSo() {
    for (boolean stream : new boolean[] {true, false}) {
      HttpResponse<String> late =
          post(Client.longChat("Hello", 4).put("stream", stream).toString(), FIRST_TOKEN, "300");
      assertThat(late.statusCode()).isEqualTo(504);
      assertThat(code(late)).isEqualTo("first_token_timeout");
    }
    assertThat(timeouts("first_token")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void silenceBetweenTokensEndsAStreamWithAnError() {
    Client.Streamed cut = fleet.client().stream(Client.longChat("Hello", 8), INTER_TOKEN, "200");
    assertThat(cut.status()).isEqualTo(200);
    assertThat(cut.text()).isNotEmpty();
    assertThat(cut.error().path("code").asText()).isEqualTo("inter_token_timeout");
    assertThat(cut.done()).isTrue();
  }

  @Test
  void theWholeTimeEndsAStreamInTheMiddleAndABodyWith504() {
    Client.Streamed cut = fleet.client().stream(Client.longChat("Hello", 60), TOTAL, "2500");
    assertThat(cut.text()).isNotEmpty();
    assertThat(cut.error().path("code").asText()).isEqualTo("deadline_exceeded");
    assertThat(cut.done()).isTrue();

    HttpResponse<String> body =
        post(Client.longChat("Hello", 60).put("stream", false).toString(), TOTAL, "2000");
    assertThat(body.statusCode()).isEqualTo(504);
    assertThat(code(body)).isEqualTo("deadline_exceeded");
  }

  @Test
  void aTimeThatIsNoNumberIsRefusedByName() {
    HttpResponse<String> wrong = post(Client.chat("Hello").toString(), TOTAL, "soon");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(Client.json(wrong.body()).at("/error/param").asText()).isEqualTo(TOTAL);
  }

  @Test
  void theStatusWaitsForTheFirstTokenOrForSoLong() throws Exception {
    try (var raw = new RawStream(fleet.port(), COMMIT_AFTER, "200")) {
      assertThat(raw.readLine()).startsWith("HTTP/1.1 200");
      assertThat(raw.readBodyLine()).startsWith(":");
    }
    try (var raw = new RawStream(fleet.port(), COMMIT_AFTER, "60000")) {
      assertThat(raw.readLine()).startsWith("HTTP/1.1 200");
      assertThat(raw.readBodyLine()).startsWith("data: ");
    }
  }

  /** After the status is out, what goes wrong is an event of the stream. */
  @Test
  void aFailureAfterTheStatusIsAnEventAndTheEnd() {
    Client.Streamed late =
        fleet.client().stream(Client.longChat("Hello", 4), COMMIT_AFTER, "100", FIRST_TOKEN, "600");
    assertThat(late.status()).isEqualTo(200);
    assertThat(late.error().path("code").asText()).isEqualTo("first_token_timeout");
    assertThat(late.done()).isTrue();
  }

  @Test
  void aProxyWithAShortPatienceOutlivesALongQueue() throws Exception {
    long commit = PROXY_IDLE.toMillis() / 2;
    try (var proxy = new IdleProxy(fleet.port(), PROXY_IDLE);
        var before = fleet.client().open(Client.longChat("Count.", TOKENS_BEFORE))) {
      assertThat(before.readPiece()).isTrue();
      Thread reader = Thread.ofVirtual().start(() -> before.readAll(text -> {}));

      long asked = System.nanoTime();
      Client.Streamed waited =
          new Client(proxy.port())
              .stream(Client.longChat("Hello", 2), COMMIT_AFTER, Long.toString(commit));
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isGreaterThan(PROXY_IDLE);
      assertThat(waited.finishReason()).isEqualTo("length");
      assertThat(proxy.cut()).isZero();
      reader.join();
    }
  }

  /** The proof that the proxy above is one: without comments it cuts. */
  @Test
  void withoutThemTheSameProxyCuts() throws Exception {
    try (var proxy = new IdleProxy(fleet.port(), Duration.ofMillis(400));
        var raw = new RawStream(proxy.port(), COMMIT_AFTER, "60000")) {
      assertThat(raw.readToEnd()).isEmpty();
      assertThat(proxy.cut()).isEqualTo(1);
    }
  }

  private HttpResponse<String> post(String body, String... headers) {
    return fleet.client().post(CHAT, body, headers);
  }

  private static String code(HttpResponse<String> response) {
    JsonNode error = Client.json(response.body()).path("error");
    return error.path("code").asText();
  }

  private double timeouts(String limit) {
    return fleet
        .client()
        .get("/metrics")
        .lines()
        .filter(l -> l.startsWith("baton_gateway_timeouts_total") && l.contains(limit))
        .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** A stream read byte by byte, so that comments and the moment of the status can be seen. */
  private static final class RawStream implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    RawStream(int port, String header, String value) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(30_000);
      byte[] body = Client.longChat("Hello", 2).toString().getBytes(StandardCharsets.UTF_8);
      String head =
          "POST %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\n%s: %s\r\ncontent-length: %d\r\n\r\n"
              .formatted(CHAT, header, value, body.length);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      socket.getOutputStream().flush();
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    String readLine() {
      try {
        return String.valueOf(in.readLine());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The first line of the body: headers and the size of a piece are left out. */
    String readBodyLine() {
      while (!readLine().isEmpty()) {
        // The next header.
      }
      readLine();
      return readLine();
    }

    String readToEnd() {
      return String.join("", in.lines().toList());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
