package io.baton.telemetry.audit;

import io.baton.telemetry.SpanNames;
import io.baton.telemetry.record.SpanRecord;
import io.baton.telemetry.view.TraceTree;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request waited for, at every moment: from its end back to its beginning, always the child
 * that ended last. Every nanosecond counts once, so the phases' sum is the measured time.
 */
public final class CriticalPath {
  /** Says how long the client was written to, not why: what it waited for lies in the legs. */
  private static final String STREAM = SpanNames.STREAM;

  private final TraceTree tree;
  private final Map<String, Long> ends = new HashMap<>();
  private final Map<String, SpanRecord> prefillByRoom = new HashMap<>();
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);

  private CriticalPath(TraceTree tree, SpanRecord root) {
    this.tree = tree;
    for (SpanRecord span : tree.below(root)) {
      if (span.name().startsWith("prefill " + SpanNames.REQ)) {
        SpanRecord room = tree.parent(span);
        if (room != null) {
          prefillByRoom.put(room.text(SpanNames.BOOTSTRAP_ROOM_ATTRIBUTE), span);
        }
      }
    }
  }

  /**
   * Time per phase.
   *
   * @param root of the request
   * @param until unix nanoseconds on the gateway's clock: the root's end, or its first token
   */
  public static Map<Phase, Long> of(TraceTree tree, SpanRecord root, long until) {
    var path = new CriticalPath(tree, root);
    path.walk(root, tree.start(root), until, Phase.UNATTRIBUTED);
    return path.nanos;
  }

  /** Explains from..to by a span and what is below it. */
  private void walk(SpanRecord span, long from, long to, Phase otherwise) {
    Phase own = Phase.of(span.name());
    Phase self = own == Phase.UNATTRIBUTED ? otherwise : own;
    long cursor = to;
    for (SpanRecord child : candidates(span)) {
      long start = Math.max(from, tree.start(child));
      long end = Math.min(cursor, subtreeEnd(child));
      if (start < end) {
        add(self, cursor - end);
        explain(child, start, end);
        cursor = start;
      }
    }
    add(self, cursor - from);
  }

  private void explain(SpanRecord child, long start, long end) {
    SpanRecord prefill = waitedFor(child);
    if (prefill == null) {
      walk(child, start, end, Phase.UNATTRIBUTED);
      return;
    }
    // A decode leg that waits for its KV waits for whatever the prefill leg is doing.
    long from = Math.max(start, tree.start(prefill));
    long to = Math.min(end, tree.end(prefill));
    if (from >= to) {
      walk(child, start, end, Phase.UNATTRIBUTED);
      return;
    }
    add(Phase.KV_TRANSFER, from - start + (end - to));
    walk(prefill, from, to, Phase.KV_TRANSFER);
  }

  private @Nullable SpanRecord waitedFor(SpanRecord span) {
    if (!span.name().equals("decode_transferred") && !span.name().equals("decode_bootstrap")) {
      return null;
    }
    for (SpanRecord up = tree.parent(span); up != null; up = tree.parent(up)) {
      String room = up.text(SpanNames.BOOTSTRAP_ROOM_ATTRIBUTE);
      if (!room.isEmpty()) {
        return prefillByRoom.get(room);
      }
    }
    return null;
  }

  /** Those that ended last come first; a message's receiver may go on after its sender's span. */
  private List<SpanRecord> candidates(SpanRecord span) {
    var children = new ArrayList<SpanRecord>();
    for (SpanRecord child : tree.children(span)) {
      if (!child.name().equals(STREAM)) {
        children.add(child);
      }
    }
    children.sort(
        Comparator.comparingLong(this::subtreeEnd).thenComparingLong(tree::start).reversed());
    return children;
  }

  private long subtreeEnd(SpanRecord span) {
    Long known = ends.get(span.spanId());
    if (known != null) {
      return known;
    }
    long end = tree.end(span);
    for (SpanRecord child : tree.children(span)) {
      end = Math.max(end, subtreeEnd(child));
    }
    ends.put(span.spanId(), end);
    return end;
  }

  private void add(Phase phase, long duration) {
    if (duration > 0) {
      nanos.merge(phase, duration, Long::sum);
    }
  }
}
