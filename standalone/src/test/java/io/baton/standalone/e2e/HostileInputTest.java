package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Whatever comes over a socket, the gateway answers it with a client's error or closes the
 * connection; it never fails itself, tells its inside or keeps anything.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileInputTest {
  private static final boolean LONG = Boolean.parseBoolean(System.getenv("BATON_LONG_TESTS"));
  private static final int COUNT = LONG ? 10_000 : 300;
  private static final int ROUNDS = 4;
  private static final int AT_ONCE = 8;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");
  private static final Pattern INSIDE =
      Pattern.compile("Exception|\\bat io\\.|\\bjava\\.|com\\.fasterxml|io\\.vertx|io\\.netty");

  private TestFleet fleet;

  @BeforeAll
  void start() throws IOException {
    fleet =
        TestFleet.aggregated("cpu")
            .gatewaySet(
                "models=[{name: baton-demo, path: '" + TestFleet.MODEL + "', tool_parser: hermes}]")
            .gatewaySet("server.max_body=64KiB")
            .gatewaySet("server.header_timeout=1s")
            .gatewaySet("server.http2_clear_text=false")
            .gatewaySet("server.body_timeout=1s")
            .gatewaySet("server.idle_timeout=1s")
            .gatewaySet("trace.level=1")
            .start();
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  @Test
  void noInputMakesTheGatewayFailOrTellItsInside() throws Exception {
    var attacks = new Attacks(31);
    Map<String, Integer> outcomes = new ConcurrentSkipListMap<>();
    List<Double> heaps = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      double least = Double.MAX_VALUE;
      for (int sent = 0; sent < COUNT / ROUNDS; sent += 100) {
        var batch = new ArrayList<Callable<Void>>();
        for (int i = 0; i < Math.min(100, COUNT / ROUNDS - sent); i++) {
          Attack attack = attacks.next();
          batch.add(() -> {
            outcomes.merge(outcome(attack), 1, Integer::sum);
            return null;
          });
        }
        inParallel(batch);
        assertThat(fleet.client().unary(Client.chat("Hi").put("max_tokens", 1)).get("choices"))
            .hasSize(1);
        least =
            Math.min(least, Client.metric(fleet.client().get("/metrics"), "jvm_memory_used_bytes"));
      }
      heaps.add(least / (1 << 20));
    }
    System.out.printf("outcomes: %s; least MiB used per round: %s%n", outcomes, heaps);
    assertThat(outcomes.keySet()).contains("400", "413");
    nothingIsKept();
  }

  private static void inParallel(List<Callable<Void>> tasks) throws Exception {
    try (var threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }

  private void nothingIsKept() {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          assertThat(
                  Client.metric(fleet.client().get("/metrics"), "baton_gateway_in_flight_requests"))
              .isZero();
          assertThat(fleet.metric("agg-1", "baton_engine_used_blocks")).isZero();
        });
    assertThat(fleet.gateway().output()).doesNotContain("failed in the gateway");
  }

  /** A status, or that the connection was closed without one. */
  private String outcome(Attack attack) throws IOException {
    String answer;
    try (Socket socket = connect()) {
      try {
        socket.getOutputStream().write(attack.bytes());
        socket.getOutputStream().flush();
        if (attack.leaves()) {
          socket.shutdownOutput();
        }
      } catch (IOException e) {
        // It was refused before all of it was sent; there may be an answer all the same.
      }
      answer = readToEnd(socket, attack.toString());
    }
    Matcher status = STATUS.matcher(answer);
    if (!status.lookingAt()) {
      assertThat(attack.answered()).as("%s%nhad no answer but '%s'", attack, answer).isFalse();
      return "closed";
    }
    assertThat(Integer.parseInt(status.group(1))).as("%s%n%s", attack, answer).isLessThan(500);
    assertThat(INSIDE.matcher(answer).find()).as("%s%n%s", attack, answer).isFalse();
    return status.group(1);
  }

  private Socket connect() throws IOException {
    var socket = new Socket("127.0.0.1", fleet.port());
    // A request that is stuck shows itself here.
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static String readToEnd(Socket socket, String what) {
    var all = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    try {
      InputStream in = socket.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        all.write(buffer, 0, read);
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError(what + "\nis stuck after '" + all + "'", e);
    } catch (IOException e) {
      // Reset by the gateway: what came until then counts.
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  @Test
  void connectionsThatDripAreClosedAndTheirPlacesFree() throws Exception {
    String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{";
    var dripping = new ArrayList<Callable<Void>>();
    Map<String, String> answers = new TreeMap<>();
    for (int i = 0; i < 20; i++) {
      boolean inHead = i % 2 == 0;
      String text = inHead ? "GET /live HTTP/1.1\r\nx-a: " : head;
      dripping.add(() -> {
        String answer = drip(text);
        synchronized (answers) {
          answers.put(inHead ? "head" : "body", answer);
        }
        return null;
      });
    }
    inParallel(dripping);

    assertThat(answers.get("head")).doesNotContain("200");
    assertThat(answers.get("body")).startsWith("HTTP/1.1 408").contains("server.body_timeout");
    nothingIsKept();
  }

  /** Sends a letter every tenth of a second, for as long as the gateway lets it. */
  private String drip(String text) throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      long giveUp = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      socket.setSoTimeout(100);
      var all = new ByteArrayOutputStream();
      while (System.nanoTime() < giveUp) {
        try {
          int read = socket.getInputStream().read();
          if (read < 0) {
            return all.toString(StandardCharsets.UTF_8);
          }
          all.write(read);
        } catch (java.net.SocketTimeoutException e) {
          socket.getOutputStream().write('a');
        } catch (IOException e) {
          return all.toString(StandardCharsets.UTF_8);
        }
      }
      throw new AssertionError("still open after 20 s: " + text);
    }
  }

  @Test
  void anEarlyRefusalIsReadBeforeTheConnectionCloses() throws Exception {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(
              "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n{\"a\":"
                  .getBytes(StandardCharsets.US_ASCII));

      String answer = readToEnd(socket, "an announced body that is too large");

      assertThat(answer)
          .startsWith("HTTP/1.1 413")
          .containsIgnoringCase("connection: close")
          .contains("server.max_body");
    }
  }
}
