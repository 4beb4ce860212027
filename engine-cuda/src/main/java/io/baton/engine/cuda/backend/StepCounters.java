package io.baton.engine.cuda.backend;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What steps have done; any thread reads. */
final class StepCounters {
  final LongAdder steps = new LongAdder();
  final LongAdder graphSteps = new LongAdder();
  final LongAdder graphsMade = new LongAdder();
  final LongAdder nanos = new LongAdder();
  final LongAdder rows = new LongAdder();
  final LongAdder filledUpRows = new LongAdder();
  final LongAdder draws = new LongAdder();
  final LongAdder drawsLeft = new LongAdder();

  /** By the names of metrics, after {@code baton_engine_}. */
  Map<String, LongSupplier> byName() {
    return Map.of(
        "cuda.steps",
        steps::sum,
        "cuda.step.microseconds",
        () -> TimeUnit.NANOSECONDS.toMicros(nanos.sum()),
        "cuda.step.rows",
        rows::sum,
        "cuda.step.filled.up.rows",
        filledUpRows::sum,
        "cuda.graph.steps",
        graphSteps::sum,
        "cuda.graphs.made",
        graphsMade::sum,
        "cuda.draws",
        draws::sum,
        "cuda.draws.on.host",
        drawsLeft::sum);
  }
}
