package io.baton.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.bridge.EngineException;
import io.baton.engine.EngineSettings.Limits;
import io.baton.engine.EngineSettings.SimTiming;
import io.baton.telemetry.slices.SliceExporter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An engine that breaks in a step, as one whose device is lost. */
class LostEngineTest {
  private static final int[] PROMPT = {10, 11, 12, 13};

  private static BuiltinEngine breaksAfter(int steps) throws EngineStartException {
    var timing =
        new SimTiming(
            Duration.ZERO, Duration.ZERO, Duration.ofMillis(1), Duration.ZERO, 64, 2048, steps);
    return BuiltinEngine.start(
        EngineSettings.sim("sim").withSim(timing).withLimits(new Limits(1, 8, 64, 0)),
        SliceExporter.OFF);
  }

  @Test
  void everyRequestEndsAndTheListenerHearsOnce() throws EngineStartException {
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    try (var engine = breaksAfter(10)) {
      engine.onLost(heard::add);
      var running = new RecordingSink();
      var waiting = new RecordingSink();

      engine.generate(Requests.greedy(PROMPT, 1000), "running", null, running);
      engine.generate(Requests.greedy(PROMPT, 1000), "waiting", null, waiting);

      EngineException ofRunning = running.failure();
      assertThat(ofRunning).hasMessageContaining("the simulated device is lost after 10 steps");
      assertThat(ofRunning.untouched()).as("it has begun to answer").isFalse();
      assertThat(waiting.failure().untouched()).as("another may do it").isTrue();
      await().until(() -> !heard.isEmpty());

      var late = new RecordingSink();
      engine.generate(Requests.greedy(PROMPT, 5), "late", null, late);
      assertThat(late.failure().untouched()).isTrue();
    }
    assertThat(heard).hasSize(1).first().asString().contains("the simulated device is lost");
  }

  @Test
  void whoAsksLateHearsItToo() throws EngineStartException {
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    try (var engine = breaksAfter(1)) {
      var sink = new RecordingSink();
      engine.generate(Requests.greedy(PROMPT, 5), "rid", null, sink);
      assertThat(sink.failure()).isNotNull();

      engine.onLost(heard::add);

      await().until(() -> heard.size() == 1);
    }
  }
}
