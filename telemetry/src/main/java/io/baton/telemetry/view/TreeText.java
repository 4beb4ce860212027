package io.baton.telemetry.view;

import io.baton.telemetry.SpanNames;
import io.baton.telemetry.record.SpanRecord;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** A trace as lines for a terminal: where the time went, and what went wrong. */
public final class TreeText {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final int NAME_WIDTH = 62;

  /** Attributes worth a place on a line. */
  private static final List<String> SHOWN =
      List.of(
          "http.response.status_code",
          SpanNames.ERROR_TYPE,
          SpanNames.WORKER_ID,
          SpanNames.OVERLAP_BLOCKS,
          SpanNames.ROUTE_REASON,
          SpanNames.FINISH_REASON,
          "decode_ct",
          "accepted_tokens",
          SpanNames.TRACE_INCOMPLETE,
          SpanNames.LEAKED);

  private final TraceTree tree;
  private final StringBuilder out = new StringBuilder();
  private final long base;

  private TreeText(TraceTree tree) {
    this.tree = tree;
    this.base = tree.roots().isEmpty() ? 0 : tree.start(tree.roots().getFirst());
  }

  /** One line per span: name, start after the root's, duration, what matters of its attributes. */
  public static String of(TraceTree tree) {
    var text = new TreeText(tree);
    text.head();
    for (SpanRecord root : tree.roots()) {
      text.span(root, "", "");
    }
    text.clocks();
    return text.out.toString();
  }

  private void head() {
    if (tree.roots().isEmpty()) {
      out.append("no spans\n");
      return;
    }
    out.append("trace ").append(tree.roots().getFirst().traceId());
    out.append(" · ").append(tree.spans().size()).append(" spans");
    if (tree.roots().size() > 1) {
      out.append(" · ").append(tree.roots().size()).append(" without a parent here");
    }
    out.append('\n');
  }

  private void span(SpanRecord span, String lead, String below) {
    String name = lead + span.name() + (span.kind().equals("INTERNAL") ? "" : " " + kind(span));
    out.append(name).append(" ".repeat(Math.max(1, NAME_WIDTH - name.length())));
    out.append(
        String.format(
            Locale.ROOT,
            "%10.3f %+11.3f ms  %s",
            (tree.start(span) - base) / NANOS_PER_MILLI,
            span.durationNanos() / NANOS_PER_MILLI,
            span.origin().service()));
    notes(span);
    out.append('\n');
    List<SpanRecord> children = tree.children(span);
    for (int i = 0; i < children.size(); i++) {
      boolean last = i == children.size() - 1;
      span(children.get(i), below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "));
    }
  }

  private static String kind(SpanRecord span) {
    return "[" + span.kind() + "]";
  }

  private void notes(SpanRecord span) {
    for (String key : SHOWN) {
      if (span.attributes().containsKey(key)) {
        out.append("  ").append(key).append('=').append(span.text(key));
      }
    }
    if (span.failed()) {
      out.append("  FAILED: ").append(span.statusMessage());
    }
    span.events()
        .forEach(event ->
            out.append(
                String.format(
                    Locale.ROOT,
                    "  (%s at %.3f)",
                    event.name(),
                    (event.nanos() - tree.clock(span).offsetNanos() - base) / NANOS_PER_MILLI)));
  }

  private void clocks() {
    Set<String> lines = new TreeSet<>();
    for (SpanRecord span : tree.spans()) {
      TraceTree.Clock clock = tree.clock(span);
      if (!clock.equals(TraceTree.Clock.UNMEASURED)) {
        lines.add(
            String.format(
                Locale.ROOT,
                "clock of %s: %+.3f ms ± %.3f from the gateway's; corrected above%n",
                span.origin().instance(),
                clock.offsetNanos() / NANOS_PER_MILLI,
                clock.errorNanos() / NANOS_PER_MILLI));
      }
    }
    lines.forEach(out::append);
  }
}
