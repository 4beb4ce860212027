package io.baton.telemetry.view;

import io.baton.telemetry.record.SpanRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the spans of one process on lanes: on each, spans lie inside each other or apart, as
 * Perfetto wants it. A request has lanes of its own while it lasts, and a span lies on its parent's
 * if it fits there.
 */
final class Lanes {
  private final List<TraceTree> traces;

  /** When each lane is free again. */
  private final List<Long> freeFrom = new ArrayList<>();

  private final Map<String, Integer> laneOf = new HashMap<>();

  private Lanes(List<TraceTree> traces) {
    this.traces = traces;
  }

  /**
   * Lanes from 1 on, by span id.
   *
   * @param spansOf the spans of this process, one list per tree, in the trees' order
   */
  static Map<String, Integer> of(List<TraceTree> traces, List<List<SpanRecord>> spansOf) {
    var lanes = new Lanes(traces);
    var order = new ArrayList<Integer>();
    for (int i = 0; i < traces.size(); i++) {
      if (!spansOf.get(i).isEmpty()) {
        order.add(i);
      }
    }
    order.sort(Comparator.comparingLong(i -> lanes.first(i, spansOf.get(i))));
    order.forEach(i -> lanes.place(i, spansOf.get(i)));
    return lanes.laneOf;
  }

  private long first(int trace, List<SpanRecord> spans) {
    return spans.stream().mapToLong(traces.get(trace)::start).min().orElse(0);
  }

  private void place(int trace, List<SpanRecord> spans) {
    TraceTree tree = traces.get(trace);
    List<SpanRecord> sorted = new ArrayList<>(spans);
    sorted.sort(
        Comparator.comparingLong(tree::start)
            .thenComparing(Comparator.comparingLong(tree::end).reversed())
            .thenComparing((a, b) -> Boolean.compare(isAbove(tree, b, a), isAbove(tree, a, b))));
    List<Deque<SpanRecord>> open = new ArrayList<>();
    Map<String, Integer> local = new HashMap<>();
    for (SpanRecord span : sorted) {
      int lane = fitting(tree, span, open, local.getOrDefault(span.parentId(), 0));
      if (lane == open.size()) {
        open.add(new ArrayDeque<>());
      }
      open.get(lane).push(span);
      local.put(span.spanId(), lane);
    }
    int[] global = take(open.size(), first(trace, spans), last(tree, spans));
    local.forEach((id, lane) -> laneOf.put(id, global[lane]));
  }

  private static long last(TraceTree tree, List<SpanRecord> spans) {
    return spans.stream().mapToLong(tree::end).max().orElse(0);
  }

  private static boolean isAbove(TraceTree tree, SpanRecord a, SpanRecord b) {
    for (SpanRecord up = tree.parent(b); up != null; up = tree.parent(up)) {
      if (up.spanId().equals(a.spanId())) {
        return true;
      }
    }
    return false;
  }

  private static int fitting(
      TraceTree tree, SpanRecord span, List<Deque<SpanRecord>> open, int preferred) {
    if (preferred < open.size() && fits(tree, span, open.get(preferred))) {
      return preferred;
    }
    for (int lane = 0; lane < open.size(); lane++) {
      if (fits(tree, span, open.get(lane))) {
        return lane;
      }
    }
    return open.size();
  }

  private static boolean fits(TraceTree tree, SpanRecord span, Deque<SpanRecord> lane) {
    while (!lane.isEmpty() && tree.end(lane.peek()) <= tree.start(span)) {
      lane.pop();
    }
    return lane.isEmpty()
        || (isAbove(tree, lane.peek(), span) && tree.end(span) <= tree.end(lane.peek()));
  }

  /** Lanes that are free all the time from start to end. */
  private int[] take(int count, long start, long end) {
    var taken = new int[count];
    int next = 0;
    for (int lane = 0; next < count; lane++) {
      if (lane == freeFrom.size()) {
        freeFrom.add(Long.MIN_VALUE);
      }
      if (freeFrom.get(lane) <= start) {
        freeFrom.set(lane, end);
        taken[next++] = lane + 1;
      }
    }
    return taken;
  }
}
