package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A broker that is killed and comes back cuts no stream and changes no token. */
class BrokerRestartTest {
  private static final int STREAMS = 200;
  private static final int TOKENS = 150;

  @Test
  void twoHundredStreamsOutliveTheBroker() throws Exception {
    try (var fleet =
        TestFleet.of("sim")
            .worker("agg-1", "aggregated")
            .worker("agg-2", "aggregated")
            .workerSet("builtin.max_running=256")
            .workerSet("builtin.sim.decode_base=30ms")
            .workerSet("builtin.sim.decode_per_request=0us")
            .start()) {
      List<String> undisturbed = run(fleet, new CountDownLatch(0));

      var underWay = new CountDownLatch(STREAMS);
      var disturbed = CompletableFuture.supplyAsync(() -> run(fleet, underWay));
      while (!underWay.await(1, TimeUnit.SECONDS)) {
        assertThat(disturbed.isCompletedExceptionally()).isFalse();
      }

      fleet.broker().kill();
      fleet.broker().restart();

      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(() -> assertThat(disturbed.isDone()).as(state(fleet)).isTrue());
      assertThat(disturbed.get()).isEqualTo(undisturbed);
      await().atMost(Duration.ofSeconds(5)).until(() -> fleet.client().statusOf("/ready") == 200);
    }
  }

  /** What the transport has counted, for when a stream does not end. */
  private static String state(TestFleet fleet) {
    return fleet
        .client()
        .get("/metrics")
        .lines()
        .filter(line -> line.startsWith("baton_transport") || line.startsWith("baton_gateway_in"))
        .collect(Collectors.joining("\n"));
  }

  /** The text of every stream, each of which must end as it should. */
  private static List<String> run(TestFleet fleet, CountDownLatch underWay) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Callable<String>>();
      for (int i = 0; i < STREAMS; i++) {
        String text = "Tell me about number " + i;
        calls.add(() -> {
          try (var stream = fleet.client().open(Client.longChat(text, TOKENS))) {
            assertThat(stream.readPiece()).as("%s", stream.result()).isTrue();
            underWay.countDown();
            stream.readAll(piece -> {});
            assertThat(stream.result().finishReason()).isEqualTo("length");
            return stream.text();
          }
        });
      }
      var texts = new ArrayList<String>();
      for (var answer : threads.invokeAll(calls)) {
        texts.add(answer.get());
      }
      return texts;
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
