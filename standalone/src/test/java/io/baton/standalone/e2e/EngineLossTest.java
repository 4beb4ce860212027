package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.agent.WorkerProcess;
import io.baton.testkit.BatonProcess;
import io.baton.testkit.Broker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/**
 * An engine that breaks for good, as one whose GPU is lost: its worker says so, says goodbye and
 * ends; answers go on elsewhere, and {@code baton up} starts the worker again.
 */
class EngineLossTest {
  private static final int TOKENS = 60;
  private static final List<String> PROMPTS =
      List.of("Count to a hundred.", "Name a colour.", "Tell a story.", "What is rain?");

  @Test
  void answersGoOnElsewhereAndTheProcessEndsWithItsOwnCode() throws Exception {
    var plan =
        TestFleet.of("sim")
            .worker("breaks", "aggregated", "builtin.sim.break_after_steps=40")
            .worker("lasts", "aggregated")
            .workerSet("builtin.sim.decode_base=10ms");
    try (var fleet = plan.start()) {
      // Four at once, so that both workers get some.
      List<String> answers;
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var running =
            PROMPTS.stream().map(prompt -> threads.submit(() -> answer(fleet, prompt))).toList();
        answers = new ArrayList<>();
        for (var one : running) {
          answers.add(one.get());
        }
      }
      assertThat(fleet.worker("breaks").awaitExit()).isEqualTo(WorkerProcess.ENGINE_LOST);
      assertThat(fleet.client().workers().getOrDefault("breaks", false))
          .as("it said goodbye")
          .isFalse();
      assertThat(fleet.worker("breaks").output())
          .contains("the simulated device is lost")
          .contains("worker breaks stopped");
      List<String> undisturbed = PROMPTS.stream().map(prompt -> answer(fleet, prompt)).toList();
      assertThat(answers).isEqualTo(undisturbed);
    }
  }

  private static String answer(TestFleet fleet, String prompt) {
    var answer = fleet.client().stream(Client.longChat(prompt, TOKENS));
    assertThat(answer.error().isMissingNode()).as(fleet.logs()).isTrue();
    assertThat(answer.finishReason()).isEqualTo("length");
    return answer.text();
  }

  @Test
  void upStartsTheWorkerAgain() throws Exception {
    int port = TestFleet.freePort();
    try (var broker = Broker.start();
        var up =
            BatonProcess.start(
                "up",
                Map.of("NATS_URL", broker.url()),
                List.of(
                    "up",
                    "--engine=sim",
                    "--aggregated=1",
                    "--port=" + port,
                    "--model=" + TestFleet.MODEL,
                    "--worker-set=builtin.sim.break_after_steps=30",
                    "--worker-set=builtin.sim.decode_base=1ms"))) {
      var client = new Client(port);
      await().atMost(Duration.ofSeconds(60)).until(() -> up.output().contains("baton: ready"));

      // Two answers of 20 steps: the second breaks the engine, and nobody else is there.
      assertThat(finishes(client)).as(up.output()).isTrue();
      finishes(client);

      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> up.output().contains("lost its engine; started again"));
      await().atMost(Duration.ofSeconds(60)).until(() -> finishes(client));
      assertThat(up.alive()).isTrue();
    }
  }

  private static boolean finishes(Client client) {
    var body = Client.longChat("Hello.", 20).put("stream", false);
    return client.post("/v1/chat/completions", body.toString()).statusCode() == 200;
  }
}
