package io.baton.gateway.relay;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.baton.gateway.routing.ReceiptJson;
import io.baton.gateway.trace.RequestOutcome;
import io.baton.proto.v1.Usage;
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

/** What is said of a request beside its answer: to its trace, to the log, to its client. */
record RequestEnd(
    TraceScope trace,
    SpanDraft root,
    Optional<TraceParent> caller,
    String requestId,
    String model) {
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

  /** Receipts of the last attempt at the first choice, in the order in which they were routed. */
  static String receipts(List<ChoiceRun> runs) {
    var all = JsonNodeFactory.instance.arrayNode();
    runs.stream()
        .limit(1)
        .filter(run -> run.attempts() > 0)
        .flatMap(run -> run.tried().getLast().legs().stream())
        .forEach(leg -> all.add(ReceiptJson.brief(leg.receipt())));
    return all.toString();
  }

  /** Workers of the last attempt at the first choice, in the order in which they were routed. */
  static List<String> workers(List<ChoiceRun> runs) {
    return runs.stream()
        .limit(1)
        .filter(run -> run.attempts() > 0)
        .flatMap(run -> run.tried().getLast().legs().stream())
        .map(leg -> leg.worker().id())
        .toList();
  }

  /** Tokens of an answer that has broken off: what was sent is used, and was paid for in time. */
  static Usage partialUsage(List<ChoiceRun> runs) {
    boolean sent = runs.stream().anyMatch(run -> run.attempts() > 0);
    return Usage.newBuilder()
        .setPromptTokens(sent ? runs.getFirst().promptTokens() : 0)
        .setCompletionTokens(runs.stream().mapToInt(run -> run.feed().received()).sum())
        .build();
  }

  /** Of the choice that needed most. */
  static int attempts(List<ChoiceRun> runs) {
    return runs.stream().mapToInt(ChoiceRun::attempts).max().orElse(0);
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
