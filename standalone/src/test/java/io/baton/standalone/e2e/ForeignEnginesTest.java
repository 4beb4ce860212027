package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.testkit.BatonProcess;
import io.baton.testkit.OtlpReceiver.ReceivedSpan;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * In front of SGLang and vLLM, aggregated in one form and as prefill and decode in the other, each
 * a process of its own. Here against the stand-ins; {@code checks/real_engines.py} asks the same of
 * the real ones.
 */
class ForeignEnginesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TEXT = "Tell me about the river that runs through the old town. ";

  /** All of them: minutes. */
  private static final boolean LONG =
      Boolean.parseBoolean(System.getenv().getOrDefault("BATON_LONG_TESTS", "false"));

  private static final int TURNS = LONG ? 500 : 15;
  private static final int CANCELS = LONG ? 2_500 : 100;

  abstract static class Promises {
    private final String engine;
    private final String wire;
    private final String aggregatedForm;
    private final List<BatonProcess> servers = new ArrayList<>();
    private int aggregatedPort;
    private TestFleet fleet;

    Promises(String engine, String aggregatedForm, String wire) {
      this.engine = engine;
      this.wire = wire;
      this.aggregatedForm = aggregatedForm;
    }

    @BeforeAll
    void start() throws IOException {
      aggregatedPort = server("agg", "null");
      int prefill = server("prefill", "prefill");
      int decode = server("decode", "decode");
      // One after the other: six JVMs that start at once starve each other on two processors.
      for (int port : new int[] {aggregatedPort, prefill, decode}) {
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> new Client(port).statusOf("/v1/models") == 200);
      }
      String pairForm = aggregatedForm.equals("openai") ? "tokens" : "openai";
      var plan =
          TestFleet.of(engine)
              .withoutCheckpoint()
              .gatewaySet("pools=[agg, pair]")
              .gatewaySet(
                  "models=[{name: agg, path: '%1$s'}, {name: pair, path: '%1$s'}]"
                      .formatted(TestFleet.MODEL))
              .worker("agg-1", "aggregated", of("agg", aggregatedForm, aggregatedPort))
              .worker("prefill-1", "prefill", of("pair", pairForm, prefill))
              .worker("decode-1", "decode", of("pair", pairForm, decode));
      fleet = plan.start();
    }

    private static String[] of(String pool, String form, int port) {
      return new String[] {
        "pool=" + pool,
        "models=[" + pool + "]",
        "api=" + form,
        "server.url=http://127.0.0.1:" + port,
        "server.load_interval=100ms",
        "server.tracing=false"
      };
    }

    /** Starts a stand-in; again if somebody took one of its ports between choice and use. */
    private int server(String name, String mode) throws IOException {
      for (int attempt = 0; ; attempt++) {
        int port = TestFleet.freePort();
        BatonProcess server =
            BatonProcess.start(
                "fake-" + engine + "-" + name,
                Map.of(),
                List.of(
                    "fake-" + engine,
                    "--port=" + port,
                    "--mode=" + mode,
                    "--model=" + TestFleet.MODEL,
                    "--kv-endpoint=tcp://127.0.0.1:" + TestFleet.freePort(),
                    "--kv-replay-endpoint=tcp://127.0.0.1:" + TestFleet.freePort(),
                    "--kv-wire=" + wire));
        servers.add(server);
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() ->
                server.output().contains(" listens on ")
                    || server.output().contains("Address already in use"));
        if (server.output().contains(" listens on ")) {
          return port;
        }
        assertThat(attempt).as(server::output).isLessThan(2);
      }
    }

    @AfterAll
    void stop() {
      if (fleet != null) {
        fleet.close();
      }
      servers.forEach(BatonProcess::kill);
    }

    private static ObjectNode ask(String model, String text) {
      return Client.chat(text).put("model", model).put("max_tokens", 12).put("ignore_eos", true);
    }

    @Test
    void answersAreTheEnginesOwnHoweverTheyTravel() {
      String own =
          new Client(aggregatedPort)
              .unary(ask("baton-demo", TEXT))
              .at("/choices/0/message/content")
              .asText();
      assertThat(own).isNotEmpty();
      for (String model : List.of("agg", "pair")) {
        JsonNode unary = fleet.client().unary(ask(model, TEXT));
        var streamed = fleet.client().stream(ask(model, TEXT));
        assertThat(unary.at("/choices/0/message/content").asText()).as(model).isEqualTo(own);
        assertThat(streamed.text()).as(model).isEqualTo(own);
        assertThat(streamed.done()).isTrue();
        assertThat(unary.path("model").asText()).isEqualTo(model);
      }
    }

    @Test
    void aTurnFindsWhatTheRouterPredicted() {
      var random = new Random(11);
      var turns = new ArrayList<String>();
      ArrayNode messages = Client.JSON.createArrayNode();
      var cached = new ArrayList<Integer>();
      for (int i = 0; i < TURNS; i++) {
        if (messages.size() > 8) {
          messages.removeAll();
        }
        messages.addObject().put("role", "user").put("content", TEXT + random.nextInt(3));
        ObjectNode body = ask("agg", "");
        body.set("messages", messages.deepCopy());
        var answer = fleet.client().post("/v1/chat/completions", body.toString());
        JsonNode json = Client.json(answer.body());
        messages
            .addObject()
            .put("role", "assistant")
            .set("content", json.at("/choices/0/message/content"));
        cached.add(json.at("/usage/prompt_tokens_details/cached_tokens").asInt());
        turns.add(answer.headers().firstValue("x-trace-id").orElseThrow());
        // A prediction is of what was published by then.
        awaitEventsOf(i + 1);
      }
      int predicted = 0;
      for (int i = 0; i < turns.size(); i++) {
        String trace = turns.get(i);
        await().atMost(PATIENCE).until(() -> routing(trace) != null);
        int tokens =
            16
                * Integer.parseInt(
                    routing(trace).attribute("overlap_blocks").replaceAll("[^0-9]", ""));
        assertThat(tokens).as("turn %d", i).isEqualTo(cached.get(i));
        predicted += tokens;
      }
      assertThat(predicted).isPositive();
    }

    /** Every answer of twelve tokens fills a block or none; a moment's quiet is enough. */
    private void awaitEventsOf(int answers) {
      double[] last = {-1};
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(60))
          .until(() -> {
            double now = fleet.metric("agg-1", "baton_engine_kv_blocks_total");
            boolean quiet = now == last[0] && now > 0;
            last[0] = now;
            return quiet;
          });
      assertThat(answers).isPositive();
    }

    private ReceivedSpan routing(String trace) {
      return fleet.receiver().trace(trace).stream()
          .filter(span -> span.name().equals("kv_router.route_request"))
          .findFirst()
          .orElse(null);
    }

    @Test
    void aClientThatLeavesFreesTheEngineAtOnce() throws Exception {
      for (String model : List.of("agg", "pair")) {
        ObjectNode body = Client.longChat("Count to a million.", 20_000).put("model", model);
        try (var stream = fleet.client().open(body)) {
          assertThat(stream.readPiece()).isTrue();
        }
      }
      for (String worker : List.of("agg-1", "prefill-1", "decode-1")) {
        await()
            .atMost(PATIENCE)
            .until(() ->
                fleet.metric(worker, "baton_engine_running_requests") == 0
                    && fleet.metric(worker, "baton_engine_used_blocks") == 0);
      }
      await().atMost(PATIENCE).until(() -> fleet.client().inFlight() == 0);
    }

    @Test
    void cancelsAtRandomMomentsLeaveNothingBehind() throws Exception {
      var random = new Random(23);
      try (var clients = Executors.newFixedThreadPool(8)) {
        for (int i = 0; i < CANCELS; i++) {
          String model = i % 2 == 0 ? "agg" : "pair";
          ObjectNode body =
              Client.longChat(TEXT.repeat(1 + random.nextInt(4)) + random.nextInt(50), 4_000)
                  .put("model", model);
          long micros = random.nextInt(60_000);
          clients.submit(() -> {
            leaveAfter(body, micros);
            return null;
          });
        }
      }
      assertNothingIsHeld();
    }

    /** Closes the connection at a random moment: before, while or after the first token comes. */
    private void leaveAfter(ObjectNode body, long micros) throws IOException {
      byte[] json = body.toString().getBytes(StandardCharsets.UTF_8);
      String head =
          "POST /v1/chat/completions HTTP/1.1\r\nhost: baton\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
              .formatted(json.length);
      try (var socket = new Socket("127.0.0.1", fleet.port())) {
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(json);
        socket.getOutputStream().flush();
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
        // Unread bytes make it a reset; either way the client is gone.
      }
    }

    private void assertNothingIsHeld() {
      await().atMost(PATIENCE).until(() -> fleet.client().inFlight() == 0);
      for (String worker : List.of("agg-1", "prefill-1", "decode-1")) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> {
              assertThat(fleet.metric(worker, "baton_engine_running_requests")).isZero();
              assertThat(fleet.metric(worker, "baton_engine_waiting_requests")).isZero();
              assertThat(fleet.metric(worker, "baton_engine_used_blocks")).isZero();
            });
      }
      await()
          .atMost(PATIENCE)
          .until(() ->
              Client.metric(fleet.client().get("/metrics"), "baton_router_active_reservations")
                  == 0);
    }

    @Test
    void whatOnlyTheEngineCanDoIsItsOwnAnswer() {
      String open = aggregatedForm.equals("openai") ? "agg" : "pair";
      Map<String, String> bodies =
          Map.of(
              "/v1/embeddings", "\"input\":[\"the river\",\"the town\"]}",
              "/v1/rerank", "\"query\":\"river\",\"documents\":[\"the town\",\"the river\"]}",
              "/v1/score", "\"text_1\":\"river\",\"text_2\":[\"the town\",\"the river\"]}",
              "/tokenize", "\"prompt\":\"the river\"}");
      bodies.forEach((path, rest) -> {
        var own =
            Client.json(
                new Client(aggregatedPort).post(path, "{\"model\":\"baton-demo\"," + rest).body());
        var through = fleet.client().post(path, "{\"model\":\"" + open + "\"," + rest);
        assertThat(through.statusCode()).as(through.body()).isEqualTo(200);
        assertThat(withoutIdentity(Client.json(through.body()))).isEqualTo(withoutIdentity(own));
      });
    }

    private static JsonNode withoutIdentity(JsonNode answer) {
      return ((ObjectNode) answer.deepCopy()).without(List.of("id", "model", "created"));
    }

    @Test
    void oneTraceWithSynthesisedEngineSpansMarkedAsSuch() {
      for (String model : List.of("agg", "pair")) {
        var answer = fleet.client().post("/v1/chat/completions", ask(model, TEXT).toString());
        String trace = answer.headers().firstValue("x-trace-id").orElseThrow();
        int legs = model.equals("agg") ? 1 : 2;
        await()
            .atMost(PATIENCE)
            .until(() -> named(trace, "prefill_forward").size() == legs && whole(trace));
        assertThat(fleet.receiver().trace(trace))
            .filteredOn(span -> span.name().contains("Req "))
            .hasSize(legs)
            .allSatisfy(span -> assertThat(span.attribute("baton.synthesised_from")).isNotEmpty());
      }
    }

    private List<ReceivedSpan> named(String trace, String name) {
      return fleet.receiver().trace(trace).stream().filter(s -> s.name().equals(name)).toList();
    }

    /** One root, and every other span hangs below one that is there. */
    private boolean whole(String trace) {
      List<ReceivedSpan> spans = fleet.receiver().trace(trace);
      var ids = new HashSet<String>();
      spans.forEach(span -> ids.add(span.id()));
      return spans.stream().filter(span -> !ids.contains(span.parentId())).count() == 1;
    }

    @Test
    void theEnginesOwnMetricsAreBesideBatons() {
      assertThat(fleet.metric("agg-1", engine + ":num_" + running())).isNotNegative();
      assertThat(fleet.metric("agg-1", "baton_engine_total_blocks")).isEqualTo(4096);
    }

    private String running() {
      return engine.equals("vllm") ? "requests_running" : "running_reqs";
    }
  }

  /** SGLang: bodies pass through when aggregated, token ids as a pair. */
  @org.junit.jupiter.api.Nested
  @TestInstance(Lifecycle.PER_CLASS)
  class Sglang extends Promises {
    Sglang() {
      super("sglang", "openai", "coalesced");
    }
  }

  /** SGLang's other wire generations; as a pair in the other form. */
  @org.junit.jupiter.api.Nested
  @EnabledIfEnvironmentVariable(named = "BATON_LONG_TESTS", matches = "true")
  @TestInstance(Lifecycle.PER_CLASS)
  class SglangOfArrays extends Promises {
    SglangOfArrays() {
      super("sglang", "tokens", "array");
    }
  }

  /** As of late. */
  @org.junit.jupiter.api.Nested
  @EnabledIfEnvironmentVariable(named = "BATON_LONG_TESTS", matches = "true")
  @TestInstance(Lifecycle.PER_CLASS)
  class SglangOfMaps extends Promises {
    SglangOfMaps() {
      super("sglang", "openai", "map");
    }
  }

  /** vLLM's oldest wire generation. */
  @org.junit.jupiter.api.Nested
  @EnabledIfEnvironmentVariable(named = "BATON_LONG_TESTS", matches = "true")
  @TestInstance(Lifecycle.PER_CLASS)
  class VllmOfArrays extends Promises {
    VllmOfArrays() {
      super("vllm", "openai", "array");
    }
  }

  /** With what was added at the ends of arrays. */
  @org.junit.jupiter.api.Nested
  @EnabledIfEnvironmentVariable(named = "BATON_LONG_TESTS", matches = "true")
  @TestInstance(Lifecycle.PER_CLASS)
  class VllmOfLongArrays extends Promises {
    VllmOfLongArrays() {
      super("vllm", "tokens", "coalesced");
    }
  }

  /** vLLM: token ids when aggregated, bodies pass through as a pair. */
  @org.junit.jupiter.api.Nested
  @TestInstance(Lifecycle.PER_CLASS)
  class Vllm extends Promises {
    Vllm() {
      super("vllm", "tokens", "map");
    }
  }
}
