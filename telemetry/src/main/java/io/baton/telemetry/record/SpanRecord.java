package io.baton.telemetry.record;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A finished span. Attribute values are Long, Double, Boolean, String or a List of such.
 *
 * @param parentId empty for a root
 * @param kind {@code INTERNAL}, {@code SERVER}, {@code CLIENT}, {@code PRODUCER}, {@code CONSUMER}
 * @param startNanos unix nanoseconds of the process that made it
 * @param endNanos unix nanoseconds of the process that made it
 * @param statusMessage empty unless it failed
 */
public record SpanRecord(
    String traceId,
    String spanId,
    String parentId,
    String name,
    String kind,
    long startNanos,
    long endNanos,
    Map<String, Object> attributes,
    List<Event> events,
    List<Link> links,
    boolean failed,
    String statusMessage,
    Origin origin) {

  /** A point in time on a span. */
  public record Event(String name, long nanos, Map<String, Object> attributes) {}

  /** Another span that this one follows. */
  public record Link(String traceId, String spanId) {}

  /** The process that made a span: OTLP's resource. */
  public record Origin(Map<String, Object> attributes) {
    /** {@code service.name}. */
    public String service() {
      return text("service.name");
    }

    /** {@code service.instance.id}; empty if it is not said. */
    public String instance() {
      return text("service.instance.id");
    }

    /** {@code host.id}, or the host's name; empty if neither is said. */
    public String host() {
      String id = text("host.id");
      return id.isEmpty() ? text("host.name") : id;
    }

    private String text(String key) {
      Object value = attributes.get(key);
      return value == null ? "" : value.toString();
    }
  }

  public long durationNanos() {
    return endNanos - startNanos;
  }

  /** An attribute as text; empty if it is absent. */
  public String text(String key) {
    Object value = attributes.get(key);
    return value == null ? "" : value.toString();
  }

  /** An attribute as a whole number; the other value if it is absent or no number. */
  public long number(String key, long otherwise) {
    return attributes.get(key) instanceof Number number ? number.longValue() : otherwise;
  }

  /** A span of this process. */
  public static SpanRecord of(SpanData span, Origin origin) {
    String parent = span.getParentSpanContext().isValid() ? span.getParentSpanId() : "";
    return new SpanRecord(
        span.getTraceId(),
        span.getSpanId(),
        parent,
        span.getName(),
        span.getKind().name(),
        span.getStartEpochNanos(),
        span.getEndEpochNanos(),
        values(span.getAttributes()),
        span.getEvents().stream()
            .map(e -> new Event(e.getName(), e.getEpochNanos(), values(e.getAttributes())))
            .toList(),
        span.getLinks().stream()
            .map(l -> new Link(l.getSpanContext().getTraceId(), l.getSpanContext().getSpanId()))
            .toList(),
        span.getStatus().getStatusCode() == StatusCode.ERROR,
        span.getStatus().getDescription(),
        origin);
  }

  /** The process a span of the SDK says it is of. */
  public static Origin originOf(SpanData span) {
    return new Origin(values(span.getResource().getAttributes()));
  }

  private static Map<String, Object> values(Attributes attributes) {
    var values = new LinkedHashMap<String, Object>();
    attributes.forEach((key, value) -> values.put(key.getKey(), value));
    return values;
  }
}
