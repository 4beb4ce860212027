package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.standalone.e2e.Client.Streamed;
import io.baton.standalone.fake.StandIn;
import io.baton.testkit.BatonProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What an engine may do wrong, and how a request ends then. Two pools over two stand-ins each: in
 * the {@code openai} form nobody can go on in mid-answer, so the client hears of an error; in the
 * {@code tokens} form the other worker goes on and the client hears of nothing.
 */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandInFaultsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TEXT = "Tell me about the river that runs through the old town. ";
  private static final int TOKENS = 24;
  private static final String OPEN = "open";
  private static final String TOKEN = "token";

  private final List<StandIn> standIns = new ArrayList<>();
  private BatonProcess mortal;
  private int mortalPort;
  private TestFleet fleet;
  private String whole;

  @BeforeAll
  void start() throws IOException {
    mortalPort = TestFleet.freePort();
    mortal = startMortal();
    for (int i = 0; i < 3; i++) {
      standIns.add(StandIn.vllm(arguments(0)));
    }
    fleet =
        TestFleet.of("vllm")
            .withoutCheckpoint()
            .gatewaySet("pools=[open, token]")
            .gatewaySet(
                "models=[{name: open, path: '%1$s'}, {name: token, path: '%1$s'}]"
                    .formatted(TestFleet.MODEL))
            .gatewaySet("limits.stall_timeout=2s")
            .worker("open-1", "aggregated", of(OPEN, "openai", mortalPort))
            .worker("open-2", "aggregated", of(OPEN, "openai", standIns.get(0).port()))
            .worker("token-1", "aggregated", of(TOKEN, "tokens", standIns.get(1).port()))
            .worker("token-2", "aggregated", of(TOKEN, "tokens", standIns.get(2).port()))
            .start();
    whole = fleet.client().unary(ask(TOKEN)).at("/choices/0/message/content").asText();
    assertThat(whole).isNotEmpty();
  }

  private BatonProcess startMortal() throws IOException {
    var arguments = new ArrayList<>(List.of("fake-vllm"));
    arguments.addAll(List.of(arguments(mortalPort)));
    BatonProcess started = BatonProcess.start("fake-vllm-mortal", Map.of(), arguments);
    await().atMost(PATIENCE).until(() -> new Client(mortalPort).statusOf("/health") == 200);
    return started;
  }

  private static String[] arguments(int port) throws IOException {
    return new String[] {
      "--port=" + port,
      "--step=3",
      "--model=" + TestFleet.MODEL,
      "--kv-endpoint=tcp://127.0.0.1:" + TestFleet.freePort(),
      "--kv-replay-endpoint=tcp://127.0.0.1:" + TestFleet.freePort()
    };
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

  @AfterAll
  void stop() {
    if (fleet != null) {
      fleet.close();
    }
    standIns.forEach(StandIn::close);
    mortal.kill();
  }

  @AfterEach
  void mend() {
    everywhere("{\"faults\":[]}");
    await().atMost(PATIENCE).until(() -> fleet.client().inFlight() == 0);
  }

  private void everywhere(String fault) {
    tell(mortalPort, fault);
    standIns.forEach(standIn -> tell(standIn.port(), fault));
  }

  private static void tell(int port, String fault) {
    assertThat(new Client(port).post("/fault", fault).statusCode()).isEqualTo(200);
  }

  private static ObjectNode ask(String model) {
    return Client.chat(TEXT).put("model", model).put("max_tokens", TOKENS).put("ignore_eos", true);
  }

  /** Streams until one request was hit by the fault, which only one of two workers has. */
  private Streamed untilHit(String model) {
    for (int i = 0; i < 40; i++) {
      Streamed answer = fleet.client().stream(ask(model));
      if (!answer.error().isMissingNode()) {
        return answer;
      }
      assertThat(answer.text()).isEqualTo(whole);
    }
    throw new AssertionError("no request met the worker with the fault");
  }

  private void assertAllWhole(String model) {
    for (int i = 0; i < 6; i++) {
      Streamed answer = fleet.client().stream(ask(model));
      assertThat(answer.error().isMissingNode()).as(answer.error().toString()).isTrue();
      assertThat(answer.text()).isEqualTo(whole);
      assertThat(answer.done()).isTrue();
    }
  }

  @Test
  @Order(1)
  void whatOneEngineRefusesAnotherDoesAndIfAllRefuseTheClientIsTold() {
    tell(mortalPort, "{\"faults\":[\"refuse\"]}");
    tell(standIns.get(1).port(), "{\"faults\":[\"refuse\"]}");
    assertAllWhole(OPEN);
    assertAllWhole(TOKEN);

    everywhere("{\"faults\":[\"refuse\"]}");
    for (String model : List.of(OPEN, TOKEN)) {
      var refused = fleet.client().post("/v1/chat/completions", ask(model).toString());
      assertThat(refused.statusCode()).as(refused.body()).isIn(429, 503);
      assertThat(refused.headers().firstValue("retry-after")).isPresent();
    }
  }

  @Test
  @Order(2)
  void anErrorAfter200EndsAnOpenAiStreamWithAnErrorAndATokenStreamNotAtAll() {
    everywhere("{\"faults\":[\"late_error\"]}");
    Streamed answer = fleet.client().stream(ask(OPEN));
    assertThat(answer.error().path("message").asText()).contains("engine");
    assertThat(whole).startsWith(answer.text());
    var unary = fleet.client().post("/v1/chat/completions", ask(OPEN).toString());
    assertThat(unary.statusCode()).as(unary.body()).isGreaterThanOrEqualTo(500);

    everywhere("{\"faults\":[]}");
    tell(standIns.get(1).port(), "{\"faults\":[\"late_error\"]}");
    assertAllWhole(TOKEN);
  }

  @Test
  @Order(3)
  void anEngineThatIsStuckIsLeftAndFreed() {
    everywhere("{\"faults\":[\"stuck\"]}");
    Streamed answer = fleet.client().stream(ask(OPEN));
    assertThat(answer.error().isMissingNode()).isFalse();
    for (String worker : List.of("open-1", "open-2")) {
      await()
          .atMost(PATIENCE)
          .until(() -> fleet.metric(worker, "baton_engine_running_requests") == 0);
    }

    everywhere("{\"faults\":[]}");
    tell(standIns.get(1).port(), "{\"faults\":[\"stuck\"]}");
    assertAllWhole(TOKEN);
  }

  @Test
  @Order(4)
  void aSlowEnginesAnswersAreTheSame() {
    everywhere("{\"faults\":[\"slow\"]}");
    for (String model : List.of(OPEN, TOKEN)) {
      assertThat(fleet.client().stream(ask(model)).text()).isEqualTo(whole);
    }
  }

  @Test
  @Order(5)
  void lostEventsAreAskedForAgain() {
    everywhere("{\"faults\":[\"drop_events\"]}");
    double before = allWorkers("baton_engine_kv_replayed_messages_total");
    // Each answer differs from the last, so that each makes events; every tenth is lost.
    for (int i = 0; i < 40; i++) {
      ObjectNode body = Client.chat(TEXT.repeat(3) + i).put("model", i % 2 == 0 ? OPEN : TOKEN);
      fleet.client().unary(body.put("max_tokens", 20).put("ignore_eos", true));
    }
    await()
        .atMost(PATIENCE)
        .until(() -> allWorkers("baton_engine_kv_replayed_messages_total") > before);
  }

  private double allWorkers(String metric) {
    return List.of("open-1", "open-2", "token-1", "token-2").stream()
        .mapToDouble(worker -> fleet.metric(worker, metric))
        .sum();
  }

  @Test
  @Order(6)
  void anEngineThatRestartsInPlaceHasAnEmptyCacheForTheRouterToo() {
    ObjectNode prompt = Client.chat(TEXT.repeat(4)).put("model", OPEN).put("max_tokens", 2);
    fleet.client().unary(prompt);
    await().atMost(PATIENCE).until(() -> predicted(prompt) > 0);
    try (var stream =
        fleet.client().open(Client.longChat("Count to a million.", 20_000).put("model", OPEN))) {
      assertThat(stream.readPiece()).isTrue();
      everywhere("{\"restart\":true}");
      stream.readAll(piece -> {});
      assertThat(stream.result().error().isMissingNode()).isFalse();
    }
    // What was published since tells of the restart.
    ObjectNode other = Client.chat("Something else. ".repeat(9)).put("model", OPEN);
    await()
        .atMost(PATIENCE)
        .until(() -> {
          fleet.client().unary(other.put("max_tokens", 2));
          return fleet.metric("open-1", "baton_engine_kv_restarts_total") > 0
              || fleet.metric("open-2", "baton_engine_kv_restarts_total") > 0;
        });
    assertAllWhole(OPEN);
    assertAllWhole(TOKEN);
  }

  /** Blocks that the router expected to be cached, of a request that is done for it. */
  private int predicted(ObjectNode body) {
    var answer = fleet.client().post("/v1/chat/completions", body.toString());
    String trace = answer.headers().firstValue("x-trace-id").orElseThrow();
    await()
        .atMost(PATIENCE)
        .until(() ->
            fleet.receiver().trace(trace).stream()
                .anyMatch(span -> span.name().equals("kv_router.route_request")));
    return fleet.receiver().trace(trace).stream()
        .filter(span -> span.name().equals("kv_router.route_request"))
        .mapToInt(
            span -> Integer.parseInt(span.attribute("overlap_blocks").replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Order(7)
  void anEngineThatDiesInMidAnswerIsNotAskedAgainUntilItIsBack() throws IOException {
    tell(mortalPort, "{\"faults\":[\"die\"]}");
    Streamed answer = untilHit(OPEN);
    assertThat(whole).startsWith(answer.text());
    await().atMost(PATIENCE).until(() -> !fleet.client().workers().get("open-1"));
    assertAllWhole(OPEN);

    mortal = startMortal();
    await().atMost(PATIENCE).until(() -> fleet.client().workers().get("open-1"));
    assertAllWhole(OPEN);
  }
}
