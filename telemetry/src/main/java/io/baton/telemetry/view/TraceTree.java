package io.baton.telemetry.view;

import io.baton.telemetry.SpanNames;
import io.baton.telemetry.record.SpanRecord;
import io.baton.telemetry.record.SpanRecord.Origin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Spans by parent, with the clocks of other processes corrected. The gateway's clock is the one
 * that counts: what a worker's spans say of their clock's offset from it is subtracted.
 */
public final class TraceTree {
  /**
   * How far a process's clock is ahead of the gateway's.
   *
   * @param errorNanos largest possible error of the offset; half of the best round trip
   */
  public record Clock(long offsetNanos, long errorNanos) {
    /** The gateway's own, or one that nobody measured. */
    public static final Clock UNMEASURED = new Clock(0, 0);
  }

  private record Place(String host, String instance) {
    static Place of(Origin origin) {
      return new Place(origin.host(), origin.instance());
    }
  }

  private final Map<String, SpanRecord> byId = new LinkedHashMap<>();
  private final Map<String, List<SpanRecord>> children = new HashMap<>();
  private final List<SpanRecord> roots = new ArrayList<>();
  private final Map<Place, Clock> clocks = new HashMap<>();

  /** Takes spans in any order; of two with one id the first counts. */
  public TraceTree(List<SpanRecord> spans) {
    for (SpanRecord span : spans) {
      byId.putIfAbsent(span.spanId(), span);
      if (span.attributes().containsKey(SpanNames.CLOCK_OFFSET_NANOS)) {
        clocks.putIfAbsent(
            Place.of(span.origin()),
            new Clock(
                span.number(SpanNames.CLOCK_OFFSET_NANOS, 0),
                span.number(SpanNames.CLOCK_ERROR_NANOS, 0)));
      }
    }
    for (SpanRecord span : byId.values()) {
      if (byId.containsKey(span.parentId())) {
        children.computeIfAbsent(span.parentId(), id -> new ArrayList<>()).add(span);
      } else {
        roots.add(span);
      }
    }
    var byStart = Comparator.comparingLong(this::start).thenComparing(SpanRecord::name);
    roots.sort(byStart);
    children.values().forEach(list -> list.sort(byStart));
  }

  /** Spans whose parent is not among them: one, in a whole trace. */
  public List<SpanRecord> roots() {
    return roots;
  }

  /** By start. */
  public List<SpanRecord> children(SpanRecord span) {
    return children.getOrDefault(span.spanId(), List.of());
  }

  /** The span above; null for a root. */
  public @Nullable SpanRecord parent(SpanRecord span) {
    return byId.get(span.parentId());
  }

  /** A span by its id. */
  public @Nullable SpanRecord find(String spanId) {
    return byId.get(spanId);
  }

  /** All spans, in no order that means anything. */
  public List<SpanRecord> spans() {
    return List.copyOf(byId.values());
  }

  /** A span and all below it, parents first. */
  public List<SpanRecord> below(SpanRecord top) {
    var found = new ArrayList<SpanRecord>();
    found.add(top);
    for (int i = 0; i < found.size(); i++) {
      found.addAll(children(found.get(i)));
    }
    return found;
  }

  /** The clock of the process that made a span. */
  public Clock clock(SpanRecord span) {
    return clocks.getOrDefault(Place.of(span.origin()), Clock.UNMEASURED);
  }

  /** Start on the gateway's clock, in unix nanoseconds. */
  public long start(SpanRecord span) {
    return span.startNanos() - clock(span).offsetNanos();
  }

  /** End on the gateway's clock, in unix nanoseconds. */
  public long end(SpanRecord span) {
    return span.endNanos() - clock(span).offsetNanos();
  }
}
