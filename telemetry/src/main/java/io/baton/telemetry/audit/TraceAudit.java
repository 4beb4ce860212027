package io.baton.telemetry.audit;

import io.baton.telemetry.SpanNames;
import io.baton.telemetry.record.SpanRecord;
import io.baton.telemetry.view.TraceTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Compares a request's spans with what its kind must leave: spans by name from the gateway, spans
 * by number from each worker, as its last reply counted them.
 */
public final class TraceAudit {
  /** What a trace is worth, as one word for a metric. */
  public enum Verdict {
    /** All is there, and all time is explained up to the tolerance. */
    COMPLETE,
    /** Spans that must be there are not. */
    MISSING_SPANS,
    /** Spans hang below nothing. */
    ORPHAN,
    /** All is there, but too much time is unexplained. */
    UNATTRIBUTED,
    /** Spans are missing, and a full buffer says why. */
    DROPPED;

    /** As metrics spell it. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * One leg, as the gateway knows it.
   *
   * @param publishSpanId what its worker's spans hang below
   * @param spans how many its worker said it made; negative: it never said
   */
  public record ExpectedLeg(String publishSpanId, int spans) {}

  /**
   * What must be there.
   *
   * @param names spans that the gateway itself must have made
   * @param callerSpanId the span of the caller that the root hangs below; empty if none
   * @param dropped whether buffers have overflowed meanwhile
   */
  public record Expected(
      List<String> names, String callerSpanId, List<ExpectedLeg> legs, boolean dropped) {}

  /**
   * The findings.
   *
   * @param problems in words; empty if complete
   */
  public record Result(Verdict verdict, List<String> problems, Map<Phase, Long> path) {}

  /** Unexplained time that is tolerated: the larger of a share of the whole and a fixed time. */
  private static final double TOLERATED_SHARE = 0.05;

  private static final long TOLERATED_NANOS = 2_000_000;

  private TraceAudit() {}

  /** Judges a request by all spans of its trace. */
  public static Result judge(TraceTree tree, SpanRecord root, Expected expected) {
    var problems = new ArrayList<String>();
    boolean orphan = false;
    List<SpanRecord> mine = tree.below(root);
    for (SpanRecord top : tree.roots()) {
      boolean known =
          top.spanId().equals(root.spanId())
              || top.parentId().isEmpty()
              || top.parentId().equals(expected.callerSpanId());
      if (!known) {
        orphan = true;
        problems.add(top.name() + " hangs below a span that is not here");
      }
    }
    boolean namesMissing = missingNames(mine, expected, problems);
    boolean legsMissing = missingLegs(tree, expected, problems);
    Map<Phase, Long> path = CriticalPath.of(tree, root, tree.end(root));
    long unexplained = path.getOrDefault(Phase.UNATTRIBUTED, 0L);
    long tolerated = Math.max(TOLERATED_NANOS, (long) (TOLERATED_SHARE * root.durationNanos()));
    Verdict verdict = Verdict.COMPLETE;
    if (namesMissing || legsMissing) {
      verdict = expected.dropped() ? Verdict.DROPPED : Verdict.MISSING_SPANS;
    } else if (orphan) {
      verdict = Verdict.ORPHAN;
    } else if (unexplained > tolerated) {
      verdict = Verdict.UNATTRIBUTED;
      problems.add(unexplained + " ns are explained by no span");
    }
    return new Result(verdict, List.copyOf(problems), path);
  }

  private static boolean missingNames(
      List<SpanRecord> spans, Expected expected, List<String> problems) {
    boolean missing = false;
    var names = new ArrayList<>(spans.stream().map(SpanRecord::name).toList());
    for (String name : expected.names()) {
      if (!names.remove(name)) {
        missing = true;
        problems.add(name + " is missing");
      }
    }
    return missing;
  }

  private static boolean missingLegs(TraceTree tree, Expected expected, List<String> problems) {
    boolean missing = false;
    for (ExpectedLeg leg : expected.legs()) {
      SpanRecord publish = tree.find(leg.publishSpanId());
      int found = publish == null ? 0 : tree.below(publish).size() - 1;
      if (leg.spans() < 0) {
        missing = true;
        problems.add("a worker never said how many spans it made; " + found + " are here");
      } else if (found < leg.spans()) {
        missing = true;
        problems.add("a worker made " + leg.spans() + " spans, " + found + " are here");
      }
    }
    return missing;
  }

  /** What the gateway itself must have made for a leg. */
  public static List<String> namesOfLeg(boolean prefill) {
    return prefill
        ? List.of(
            SpanNames.PREFILL_ROUTING,
            SpanNames.FIND_BEST_MATCH,
            SpanNames.SELECT_WORKER,
            SpanNames.PUBLISH)
        : List.of(SpanNames.ROUTE_REQUEST, SpanNames.SELECT_WORKER, SpanNames.PUBLISH);
  }
}
