package io.baton.gateway.relay;

import io.baton.gateway.trace.RequestOutcome;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.TraceParent;
import io.baton.telemetry.TraceScope;
import io.baton.telemetry.audit.TraceAudit;
import io.baton.telemetry.slices.TraceClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is said of a request beside its answer: to its trace, to the log, to its client. */
record RequestEnd(
    TraceScope trace,
    SpanDraft root,
    Optional<TraceParent> caller,
    String requestId,
    String model) {
  private static final Logger REQUESTS = LoggerFactory.getLogger("io.baton.requests");
  private static final int CLIENT_CLOSED_REQUEST = 499;

  /** For the audit and the verdict on its trace. */
  RequestOutcome outcome(
      int status, long startNanos, long firstTokenNanos, long endNanos, List<ChoiceRun> runs) {
    var names = new ArrayList<>(List.of(SpanNames.HTTP_REQUEST));
    if (status != CLIENT_CLOSED_REQUEST) {
      names.add(SpanNames.CLIENT_FLUSH);
    }
    boolean mispredicted = false;
    var legs = new ArrayList<RequestOutcome.LegOutcome>(2);
    for (Attempt attempt : runs.stream().flatMap(run -> run.tried().stream()).toList()) {
      for (Leg leg : attempt.legs()) {
        if (!leg.publishSpanId().isEmpty()) {
          names.addAll(TraceAudit.namesOfLeg(leg.prefill()));
          mispredicted |= leg.mispredicted();
          legs.add(
              new RequestOutcome.LegOutcome(
                  leg.worker().address(), leg.publishSpanId(), leg.workerSpans()));
        }
      }
    }
    return new RequestOutcome(
        trace.traceId(),
        root.spanId(),
        caller.map(TraceParent::spanId).orElse(""),
        requestId,
        model,
        trace.decision(),
        status,
        attempts(runs),
        startNanos,
        firstTokenNanos,
        endNanos,
        names,
        legs,
        mispredicted);
  }

  /** Of the choice that needed most. */
  static int attempts(List<ChoiceRun> runs) {
    return runs.stream().mapToInt(ChoiceRun::attempts).max().orElse(0);
  }

  /** One line per request, for those who read logs by trace; off unless asked for. */
  static void log(RequestOutcome outcome) {
    if (REQUESTS.isInfoEnabled()) {
      REQUESTS
          .atInfo()
          .addKeyValue("trace_id", outcome.traceId())
          .addKeyValue("span_id", outcome.rootSpanId())
          .addKeyValue("x_request_id", outcome.requestId())
          .addKeyValue("model", outcome.model())
          .addKeyValue("status", outcome.status())
          .addKeyValue("seconds", (outcome.endNanos() - outcome.startNanos()) / 1e9)
          .log("request completed");
    }
  }

  /** What is known when the first byte leaves; the trace says the rest. */
  static String serverTiming(SpanDraft root, long acceptedNanos, long routedNanos) {
    double total = (TraceClock.now() - acceptedNanos) / 1e6;
    double routed = routedNanos == 0 ? total : (routedNanos - acceptedNanos) / 1e6;
    return String.format(
        Locale.ROOT,
        "frontend;dur=%.3f, worker;dur=%.3f, total;dur=%.3f, trace;desc=\"%s\"",
        routed,
        total - routed,
        total,
        root.traceparent());
  }
}
