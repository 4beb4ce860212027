package io.baton.engine.scheduler;

import io.baton.bridge.EngineException;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.engine.scheduler.Sequence.Ending;
import io.baton.engine.scheduler.Sequence.Timing;
import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.TraceClock;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Tells a sequence's sink and trace how it ended. */
final class Endings {
  private static final double NANOS_PER_SECOND = 1e9;

  private final LongSupplier clock;
  private final SchedulerCounters counters;

  Endings(LongSupplier clock, SchedulerCounters counters) {
    this.clock = clock;
    this.counters = counters;
  }

  void tell(Sequence sequence) {
    long now = clock.getAsLong();
    sequence.stages.end(now);
    counters.finished.increment();
    Ending ending = sequence.ending;
    EngineException.Kind failure = ending == null ? null : ending.failure();
    if (ending != null && failure != null) {
      abortTrace(sequence, ending.reason(), now);
      boolean untouched = sequence.timing.firstForward < 0 && sequence.timing.firstToken < 0;
      sequence.sink.onFailed(new EngineException(failure, ending.reason(), untouched));
      return;
    }
    FinishReason reason = reason(sequence);
    if (reason == FinishReason.ABORT) {
      counters.aborted.increment();
    }
    int spans =
        ending == null
            ? finishTrace(sequence, reason, now)
            : abortTrace(sequence, ending.reason(), now);
    sequence.sink.onFinished(finish(sequence, reason, now, spans));
  }

  private static FinishReason reason(Sequence sequence) {
    if (sequence.ending != null) {
      return FinishReason.ABORT;
    }
    if (sequence.request.leg() == Leg.PREFILL) {
      return FinishReason.HANDOFF;
    }
    boolean stopped = sequence.endsWith(sequence.tokens[sequence.length - 1]);
    return stopped ? FinishReason.STOP : FinishReason.LENGTH;
  }

  private static Finish finish(Sequence sequence, FinishReason reason, long now, int spans) {
    Timing timing = sequence.timing;
    boolean decode = sequence.request.leg() == Leg.DECODE;
    long started = decode ? timing.transferStart : timing.firstForward;
    return new Finish(
        reason,
        reason == FinishReason.STOP ? sequence.tokens[sequence.length - 1] : -1,
        sequence.promptLength,
        sequence.generated(),
        Math.max(0, sequence.cachedTokens),
        sequence.transferredTokens,
        sequence.transferredBytes,
        seconds(timing.arrival, started),
        seconds(timing.firstForward, timing.promptDone),
        seconds(timing.transferStart, timing.transferEnd),
        reason == FinishReason.HANDOFF ? -1 : seconds(timing.firstToken, now),
        spans);
  }

  private static double seconds(long from, long to) {
    return from < 0 || to < 0 ? -1 : (to - from) / NANOS_PER_SECOND;
  }

  private static int finishTrace(Sequence sequence, FinishReason reason, long now) {
    RequestTrace trace = sequence.stages.trace();
    if (trace == null) {
      return 0;
    }
    describe(trace.attributes(), sequence, reason, now);
    return trace.finish(TraceClock.at(now));
  }

  private static int abortTrace(Sequence sequence, String reason, long now) {
    RequestTrace trace = sequence.stages.trace();
    if (trace == null) {
      return 0;
    }
    describe(trace.attributes(), sequence, FinishReason.ABORT, now);
    return trace.abort(reason, TraceClock.at(now));
  }

  private static void describe(
      Attributes attributes, Sequence sequence, FinishReason reason, long now) {
    Sampling sampling = sequence.request.sampling();
    Timing timing = sequence.timing;
    attributes
        .with("gen_ai.usage.prompt_tokens", sequence.promptLength)
        .with("gen_ai.usage.completion_tokens", sequence.generated())
        .with("gen_ai.usage.cached_tokens", Math.max(0, sequence.cachedTokens))
        .with("gen_ai.request.id", sequence.rid)
        .with("gen_ai.request.n", 1)
        .with("gen_ai.request.max_tokens", sequence.request.maxTokens())
        .with("gen_ai.request.top_p", (double) sampling.topP())
        .with("gen_ai.request.top_k", sampling.topK())
        .with("gen_ai.request.temperature", (double) sampling.temperature())
        .with(
            "gen_ai.response.finish_reasons",
            "[\"" + reason.name().toLowerCase(Locale.ROOT) + "\"]")
        .with("gen_ai.latency.e2e", seconds(timing.arrival, now));
    if (timing.firstToken >= 0) {
      attributes
          .with("gen_ai.latency.time_to_first_token", seconds(timing.arrival, timing.firstToken))
          .with("gen_ai.latency.time_in_model_prefill", seconds(timing.arrival, timing.firstToken))
          .with("gen_ai.latency.time_in_model_decode", seconds(timing.firstToken, now))
          .with("gen_ai.latency.time_in_model_inference", seconds(timing.arrival, now));
    }
  }
}
