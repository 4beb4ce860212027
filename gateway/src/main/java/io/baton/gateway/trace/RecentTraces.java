package io.baton.gateway.trace;

import io.baton.telemetry.record.SpanRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The traces of the last requests, held to be read without a backend. Bounded by traces, by spans
 * of one trace and by spans in all; the oldest go first. Thread-safe.
 */
public final class RecentTraces {
  /** Spans of one trace that are held; a level 3 trace of a long answer has more. */
  static final int MOST_SPANS_OF_ONE = 8_192;

  /** About 200 bytes each. */
  static final int MOST_SPANS = 400_000;

  /**
   * A trace as it is held.
   *
   * @param leftOut spans that came and were not held
   * @param finished whether its requests have ended
   */
  public record Held(
      String traceId,
      List<SpanRecord> spans,
      long leftOut,
      List<RequestOutcome> outcomes,
      boolean finished) {}

  private static final class Entry {
    private final List<SpanRecord> spans = new ArrayList<>();
    private final List<RequestOutcome> outcomes = new ArrayList<>(1);
    private long leftOut;
  }

  private final int most;
  private final LinkedHashMap<String, Entry> traces = new LinkedHashMap<>();
  private final Map<String, String> byRequest = new HashMap<>();
  private int spans;
  private long evicted;

  /** Holds at most so many traces. */
  RecentTraces(int most) {
    this.most = most;
  }

  synchronized void add(String traceId, List<SpanRecord> more) {
    if (most == 0) {
      return;
    }
    Entry entry = traces.computeIfAbsent(traceId, id -> new Entry());
    int room = Math.max(0, MOST_SPANS_OF_ONE - entry.spans.size());
    int taken = Math.min(room, more.size());
    entry.spans.addAll(more.subList(0, taken));
    entry.leftOut += more.size() - taken;
    spans += taken;
    while (traces.size() > most || (spans > MOST_SPANS && traces.size() > 1)) {
      evictFirst();
    }
  }

  private void evictFirst() {
    Iterator<Entry> oldest = traces.values().iterator();
    Entry entry = oldest.next();
    oldest.remove();
    forget(entry);
    evicted++;
  }

  private void forget(Entry entry) {
    spans -= entry.spans.size();
    entry.outcomes.forEach(o -> byRequest.remove(o.requestId(), o.traceId()));
  }

  synchronized void concluded(RequestOutcome outcome) {
    Entry entry = traces.get(outcome.traceId());
    if (entry != null) {
      entry.outcomes.add(outcome);
      byRequest.put(outcome.requestId(), outcome.traceId());
    }
  }

  /** Puts a span in the place of one with the same id. */
  synchronized void replace(SpanRecord span) {
    Entry entry = traces.get(span.traceId());
    if (entry != null) {
      entry.spans.replaceAll(old -> old.spanId().equals(span.spanId()) ? span : old);
    }
  }

  synchronized void drop(String traceId) {
    Entry entry = traces.remove(traceId);
    if (entry != null) {
      forget(entry);
    }
  }

  synchronized int spansOf(String traceId) {
    Entry entry = traces.get(traceId);
    return entry == null ? 0 : entry.spans.size();
  }

  /** By trace id or by the id that the client sees as {@code x-request-id}. */
  public synchronized Optional<Held> find(String id) {
    String traceId = traces.containsKey(id) ? id : byRequest.get(id);
    Entry entry = traceId == null ? null : traces.get(traceId);
    return Optional.ofNullable(entry).map(found -> held(String.valueOf(traceId), found));
  }

  /** The newest first. */
  public synchronized List<Held> newest(int count) {
    var all = new ArrayList<Held>();
    traces.sequencedEntrySet().reversed().stream()
        .limit(count)
        .forEach(entry -> all.add(held(entry.getKey(), entry.getValue())));
    return all;
  }

  private static Held held(String traceId, Entry entry) {
    return new Held(
        traceId,
        List.copyOf(entry.spans),
        entry.leftOut,
        List.copyOf(entry.outcomes),
        !entry.outcomes.isEmpty());
  }

  synchronized int traces() {
    return traces.size();
  }

  synchronized int spans() {
    return spans;
  }

  synchronized long evicted() {
    return evicted;
  }
}
