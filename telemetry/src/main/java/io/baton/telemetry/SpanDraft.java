package io.baton.telemetry;

import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.TraceHeader;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A span whose id is known, so that it can be a parent, and whose end is not. It becomes a real
 * span when it ends and its {@link TraceScope} finishes; until then it is only a few fields. In an
 * unrecorded trace it carries the context on and notes nothing.
 *
 * <p>Used by one thread at a time, with a happens-before between them.
 */
public final class SpanDraft {
  private final TraceScope scope;
  private final String spanId;
  private final String parentSpanId;
  private final String name;
  private final SpanKind kind;
  private final long startNanos;

  // Made when they are needed: drafts of unrecorded traces never do.
  private @Nullable AttributesBuilder attributes;
  private List<EventData> events = List.of();
  private List<LinkData> links = List.of();
  private StatusData status = StatusData.unset();
  private long endNanos = -1;

  SpanDraft(
      TraceScope scope,
      String spanId,
      String parentSpanId,
      String name,
      SpanKind kind,
      long startNanos) {
    this.scope = scope;
    this.spanId = spanId;
    this.parentSpanId = parentSpanId;
    this.name = name;
    this.kind = kind;
    this.startNanos = startNanos;
  }

  private AttributesBuilder attributes() {
    AttributesBuilder made = attributes;
    if (made == null) {
      made = io.opentelemetry.api.common.Attributes.builder();
      attributes = made;
    }
    return made;
  }

  /** A span below this one, begun at a time (unix nanoseconds) that may lie in the past. */
  public SpanDraft child(String childName, SpanKind childKind, long childStartNanos) {
    return scope.open(spanId, childName, childKind, childStartNanos);
  }

  /** As {@link #child}, under an id that others know already; empty: any. */
  SpanDraft childAs(String id, String childName, SpanKind childKind, long childStartNanos) {
    return scope.openAs(id, spanId, childName, childKind, childStartNanos);
  }

  /** A span below this one that is over already. */
  public void closedChild(String childName, long childStartNanos, long childEndNanos) {
    if (scope.recording()) {
      child(childName, SpanKind.INTERNAL, childStartNanos).end(childEndNanos);
    }
  }

  public SpanDraft set(String key, @Nullable String value) {
    if (scope.recording() && value != null) {
      attributes().put(key, value);
    }
    return this;
  }

  public SpanDraft set(String key, long value) {
    if (scope.recording()) {
      attributes().put(key, value);
    }
    return this;
  }

  public SpanDraft set(String key, double value) {
    if (scope.recording()) {
      attributes().put(key, value);
    }
    return this;
  }

  public SpanDraft set(String key, boolean value) {
    if (scope.recording()) {
      attributes().put(key, value);
    }
    return this;
  }

  /** Adds all of an engine's notes. */
  public SpanDraft setAll(Attributes noted) {
    if (scope.recording()) {
      noted.forEach((key, value) -> put(attributes(), key, value));
    }
    return this;
  }

  /** A point in time on this span. */
  public SpanDraft event(String eventName, long nanos, Attributes noted) {
    if (scope.recording()) {
      AttributesBuilder builder = io.opentelemetry.api.common.Attributes.builder();
      noted.forEach((key, value) -> put(builder, key, value));
      if (events.isEmpty()) {
        events = new ArrayList<>(2);
      }
      events.add(EventData.create(nanos, eventName, builder.build()));
    }
    return this;
  }

  /** Says that this span follows another one of the same trace. */
  SpanDraft follows(SpanDraft earlier) {
    return follows(earlier.spanId);
  }

  SpanDraft follows(String earlierSpanId) {
    if (scope.recording()) {
      if (links.isEmpty()) {
        links = new ArrayList<>(2);
      }
      links.add(LinkData.create(scope.contextOf(earlierSpanId)));
    }
    return this;
  }

  /**
   * Marks the span as failed.
   *
   * @param type short and of few values, for {@code error.type}
   * @param message for people
   */
  public SpanDraft error(String type, String message) {
    set(SpanNames.ERROR_TYPE, type);
    status = StatusData.create(io.opentelemetry.api.trace.StatusCode.ERROR, message);
    return this;
  }

  /** Closes the span at a time in unix nanoseconds. Only the first call counts. */
  public void end(long nanos) {
    if (endNanos < 0) {
      endNanos = Math.max(nanos, startNanos);
      scope.ended(this);
    }
  }

  public boolean ended() {
    return endNanos >= 0;
  }

  /** Begin, in unix nanoseconds. */
  public long startNanos() {
    return startNanos;
  }

  /** The context that work below this span is handed. */
  public TraceHeader header() {
    return new TraceHeader(
        traceparent(),
        scope.tracestate(),
        scope.level(),
        scope.decision().deferred(),
        scope.gateway());
  }

  /** W3C {@code traceparent} with this span as parent. */
  public String traceparent() {
    return new TraceParent(scope.traceId(), scope.spanIdToCarry(spanId), scope.flags()).toString();
  }

  public String traceId() {
    return scope.traceId();
  }

  public String spanId() {
    return spanId;
  }

  /** Whether it is recorded and certain to be kept. */
  public boolean sampled() {
    return scope.recording() && !scope.decision().deferred();
  }

  ClosedSpan close(Tracing tracing) {
    return new ClosedSpan(
        tracing,
        scope.contextOf(spanId),
        scope.parentContextOf(parentSpanId),
        name,
        kind,
        startNanos,
        endNanos,
        attributes().build(),
        List.copyOf(events),
        List.copyOf(links),
        status);
  }

  static void put(AttributesBuilder builder, String key, Object value) {
    switch (value) {
      case Long l -> builder.put(AttributeKey.longKey(key), l);
      case Double d -> builder.put(AttributeKey.doubleKey(key), d);
      case Boolean b -> builder.put(AttributeKey.booleanKey(key), b);
      default -> builder.put(AttributeKey.stringKey(key), value.toString());
    }
  }
}
