package io.baton.engine.cuda.backend;

import java.util.concurrent.atomic.LongAdder;

/** What steps have done; any thread reads. */
final class StepCounters {
  final LongAdder steps = new LongAdder();
  final LongAdder graphSteps = new LongAdder();
  final LongAdder graphsMade = new LongAdder();
  final LongAdder nanos = new LongAdder();
  final LongAdder rows = new LongAdder();
  final LongAdder filledUpRows = new LongAdder();
}
