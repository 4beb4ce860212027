package io.baton.gateway.trace;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.v1.TraceSpans;
import io.baton.telemetry.Inbox;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.SpanTap;
import io.baton.telemetry.Tracing;
import io.baton.telemetry.audit.CriticalPath;
import io.baton.telemetry.audit.Phase;
import io.baton.telemetry.audit.TraceAudit;
import io.baton.telemetry.record.OtlpProto;
import io.baton.telemetry.record.SpanRecord;
import io.baton.telemetry.view.TraceTree;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the gateway's paperwork on traces, on a thread of its own: holds recent ones, passes
 * verdicts, audits each request when its workers' spans have come, and exports its root with the
 * findings. Event loops only drop notes into its box.
 */
final class TraceClerk implements SpanTap, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TraceClerk.class);
  private static final int BOX = 65_536;
  private static final long PAUSE_MILLIS = 50;

  /** Workers tell within 50 ms; later than this they will not. */
  private static final long AUDIT_AFTER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final int MOST_PENDING = 20_000;

  private sealed interface Note {
    record Own(String traceId, List<? extends SpanData> spans, boolean deferred) implements Note {}

    record Workers(TraceSpans spans) implements Note {}

    record Concluded(RequestOutcome outcome, long nanoTime) implements Note {}
  }

  /** A request that waits for its audit, with its root, which is exported after it. */
  private record Pending(
      RequestOutcome outcome, long nanoTime, int ownSpans, List<SpanData> roots) {}

  private final Tracing tracing;
  private final RecentTraces recent;
  private final KeepRules rules;
  private final Verdicts verdicts;
  private final TraceMetrics metrics;
  private final TraceFile file;
  private final Inbox<Note> box;
  private final LongAdder dropped = new LongAdder();
  private final Map<String, List<SpanData>> ended = new LinkedHashMap<>();
  private final Map<String, Pending> pending = new LinkedHashMap<>();
  private final Map<String, Long> droppedByWorker = new HashMap<>();
  private boolean workersDropped;

  TraceClerk(
      Tracing tracing,
      RecentTraces recent,
      KeepRules rules,
      Verdicts verdicts,
      TraceMetrics metrics,
      TraceFile file) {
    this.tracing = tracing;
    this.recent = recent;
    this.rules = rules;
    this.verdicts = verdicts;
    this.metrics = metrics;
    this.file = file;
    this.box =
        new Inbox<>(
            "baton-traces", BOX, PAUSE_MILLIS, this::take, this::goOn, () -> auditDue(true));
  }

  void start() {
    if (tracing.enabled()) {
      box.start();
    }
  }

  @Override
  public boolean exports() {
    return true;
  }

  @Override
  public void onSpans(
      String traceId, String gateway, List<? extends SpanData> spans, boolean deferred) {
    if (!box.offer(new Note.Own(traceId, spans, deferred))) {
      dropped.add(spans.size());
      tracing.release(spans);
    }
  }

  void onWorkerSpans(TraceSpans spans) {
    if (!box.offer(new Note.Workers(spans))) {
      dropped.increment();
    }
  }

  void concluded(RequestOutcome outcome) {
    if (outcome.decision().records()
        && !box.offer(new Note.Concluded(outcome, System.nanoTime()))) {
      dropped.increment();
    }
  }

  private void goOn() {
    verdicts.send();
    auditDue(false);
  }

  private void take(Note note) {
    try {
      switch (note) {
        case Note.Own own -> own(own);
        case Note.Workers workers -> workers(workers.spans());
        case Note.Concluded concluded -> conclude(concluded);
      }
    } catch (RuntimeException e) {
      LOG.error("a trace could not be filed", e);
    }
  }

  private void own(Note.Own own) {
    var origin = SpanRecord.originOf(own.spans().getFirst());
    recent.add(own.traceId(), own.spans().stream().map(s -> SpanRecord.of(s, origin)).toList());
    ended.computeIfAbsent(own.traceId(), id -> new ArrayList<>()).addAll(own.spans());
    if (ended.size() > MOST_PENDING) {
      // The note of its end did not fit the box: it is exported as it is.
      var oldest = ended.entrySet().iterator();
      tracing.release(oldest.next().getValue());
      oldest.remove();
    }
  }

  private void workers(TraceSpans message) {
    Long before = droppedByWorker.put(message.getWorkerId(), message.getDropped());
    workersDropped |= message.getDropped() > (before == null ? 0 : before);
    List<SpanRecord> spans;
    try {
      spans = OtlpProto.read(message.getOtlp());
    } catch (InvalidProtocolBufferException e) {
      LOG.warn("spans of worker {} cannot be read: {}", message.getWorkerId(), e.getMessage());
      return;
    }
    Map<String, List<SpanRecord>> byTrace = new LinkedHashMap<>();
    spans.forEach(s -> byTrace.computeIfAbsent(s.traceId(), id -> new ArrayList<>()).add(s));
    byTrace.forEach(recent::add);
  }

  private void conclude(Note.Concluded concluded) {
    RequestOutcome outcome = concluded.outcome();
    List<SpanData> own = ended.getOrDefault(outcome.traceId(), List.of());
    ended.remove(outcome.traceId());
    if (outcome.decision().deferred()) {
      boolean keep = rules.keeps(outcome);
      metrics.judged(keep);
      verdicts.add(outcome, keep);
      if (!keep) {
        recent.drop(outcome.traceId());
        return;
      }
    }
    recent.concluded(outcome);
    var roots = new ArrayList<SpanData>(1);
    var others = new ArrayList<SpanData>(own.size());
    own.forEach(s -> (s.getSpanId().equals(outcome.rootSpanId()) ? roots : others).add(s));
    tracing.release(others);
    pending.put(
        outcome.rootSpanId(), new Pending(outcome, concluded.nanoTime(), own.size(), roots));
    if (pending.size() > MOST_PENDING) {
      audit(first(pending.values().iterator()));
    }
  }

  private static Pending first(Iterator<Pending> all) {
    Pending first = all.next();
    all.remove();
    return first;
  }

  /** Audits those whose spans are all here, or that have waited long enough. */
  private void auditDue(boolean all) {
    long before = System.nanoTime() - AUDIT_AFTER_NANOS;
    Iterator<Pending> waiting = pending.values().iterator();
    while (waiting.hasNext()) {
      Pending one = waiting.next();
      if (all || one.nanoTime() - before <= 0 || whole(one)) {
        waiting.remove();
        audit(one);
      }
    }
  }

  private boolean whole(Pending one) {
    RequestOutcome outcome = one.outcome();
    int expected = one.ownSpans();
    for (RequestOutcome.LegOutcome leg : outcome.legs()) {
      if (leg.spans() < 0) {
        return false;
      }
      expected += leg.spans();
    }
    // Counting first: building a tree is what costs.
    if (recent.spansOf(outcome.traceId()) < expected) {
      return false;
    }
    Optional<RecentTraces.Held> held = recent.find(outcome.traceId());
    if (held.isEmpty()) {
      return false;
    }
    var tree = new TraceTree(held.get().spans());
    for (RequestOutcome.LegOutcome leg : outcome.legs()) {
      SpanRecord publish = tree.find(leg.publishSpanId());
      if (publish == null || tree.below(publish).size() - 1 < leg.spans()) {
        return false;
      }
    }
    return true;
  }

  private void audit(Pending one) {
    try {
      tracing.release(judge(one));
    } catch (RuntimeException e) {
      LOG.error("trace {} could not be audited", one.outcome().traceId(), e);
      tracing.release(one.roots());
    }
  }

  /** The root with the audit's findings on it. */
  private List<SpanData> judge(Pending one) {
    RequestOutcome outcome = one.outcome();
    Optional<RecentTraces.Held> held = recent.find(outcome.traceId());
    if (held.isEmpty()) {
      return one.roots();
    }
    var tree = new TraceTree(held.get().spans());
    SpanRecord root = tree.find(outcome.rootSpanId());
    if (root == null) {
      return one.roots();
    }
    var expected =
        new TraceAudit.Expected(
            outcome.spanNames(),
            outcome.callerSpanId(),
            outcome.legs().stream()
                .map(leg -> new TraceAudit.ExpectedLeg(leg.publishSpanId(), leg.spans()))
                .toList(),
            workersDropped || held.get().leftOut() > 0);
    TraceAudit.Result result = TraceAudit.judge(tree, root, expected);
    metrics.audited(result);
    file.write(held.get().spans());
    var findings = new LinkedHashMap<String, Object>();
    findings.put(SpanNames.TRACE_VERDICT, result.verdict().label());
    if (!result.problems().isEmpty()) {
      findings.put(SpanNames.TRACE_PROBLEMS, String.join("; ", result.problems()));
    }
    result.path().forEach((phase, n) -> findings.put(SpanNames.PATH + phase.label(), n / 1e9));
    if (outcome.firstTokenNanos() != 0) {
      Map<Phase, Long> first = CriticalPath.of(tree, root, outcome.firstTokenNanos());
      metrics.firstTokenPath(first);
      first.forEach((phase, n) -> findings.put(SpanNames.TTFT_PATH + phase.label(), n / 1e9));
    }
    List<SpanData> roots = one.roots().stream().map(s -> Tracing.with(s, findings)).toList();
    roots.forEach(s -> recent.replace(SpanRecord.of(s, root.origin())));
    return roots;
  }

  /** Spans and messages that did not fit the box. */
  long dropped() {
    return dropped.sum();
  }

  /** Audits what is left. */
  @Override
  public void close() {
    box.close();
  }
}
