package io.baton.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A finished span, in the form that the SDK's processors and exporters take. Baton makes spans from
 * timestamps after the fact, which the SDK's own span class cannot do with ids chosen before.
 */
final class ClosedSpan implements ReadableSpan, SpanData {
  private static final InstrumentationScopeInfo SCOPE = InstrumentationScopeInfo.create("io.baton");

  private final Tracing tracing;
  private final SpanContext context;
  private final SpanContext parent;
  private final String name;
  private final SpanKind kind;
  private final long startNanos;
  private final long endNanos;
  private final Attributes attributes;
  private final List<EventData> events;
  private final List<LinkData> links;
  private final StatusData status;

  ClosedSpan(
      Tracing tracing,
      SpanContext context,
      SpanContext parent,
      String name,
      SpanKind kind,
      long startNanos,
      long endNanos,
      Attributes attributes,
      List<EventData> events,
      List<LinkData> links,
      StatusData status) {
    this.tracing = tracing;
    this.context = context;
    this.parent = parent;
    this.name = name;
    this.kind = kind;
    this.startNanos = startNanos;
    this.endNanos = endNanos;
    this.attributes = attributes;
    this.events = events;
    this.links = links;
    this.status = status;
  }

  /** The same with more attributes. */
  ClosedSpan with(Map<String, Object> more) {
    var all = attributes.toBuilder();
    more.forEach((key, value) -> SpanDraft.put(all, key, value));
    return new ClosedSpan(
        tracing,
        context,
        parent,
        name,
        kind,
        startNanos,
        endNanos,
        all.build(),
        events,
        links,
        status);
  }

  @Override
  public SpanData toSpanData() {
    return this;
  }

  @Override
  public SpanContext getSpanContext() {
    return context;
  }

  @Override
  public SpanContext getParentSpanContext() {
    return parent;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public SpanKind getKind() {
    return kind;
  }

  @Override
  public long getStartEpochNanos() {
    return startNanos;
  }

  @Override
  public long getEndEpochNanos() {
    return endNanos;
  }

  @Override
  public long getLatencyNanos() {
    return endNanos - startNanos;
  }

  @Override
  public boolean hasEnded() {
    return true;
  }

  @Override
  public Attributes getAttributes() {
    return attributes;
  }

  @Override
  public <T> @Nullable T getAttribute(AttributeKey<T> key) {
    return attributes.get(key);
  }

  @Override
  public int getTotalAttributeCount() {
    return attributes.size();
  }

  @Override
  public List<EventData> getEvents() {
    return events;
  }

  @Override
  public int getTotalRecordedEvents() {
    return events.size();
  }

  @Override
  public List<LinkData> getLinks() {
    return links;
  }

  @Override
  public int getTotalRecordedLinks() {
    return links.size();
  }

  @Override
  public StatusData getStatus() {
    return status;
  }

  @Override
  public Resource getResource() {
    return tracing.resource();
  }

  @Override
  public InstrumentationScopeInfo getInstrumentationScopeInfo() {
    return SCOPE;
  }

  // Abstract in the SDK's interfaces to this day, although long deprecated.
  @Override
  @SuppressWarnings("deprecation")
  public io.opentelemetry.sdk.common.InstrumentationLibraryInfo getInstrumentationLibraryInfo() {
    return io.opentelemetry.sdk.common.InstrumentationLibraryInfo.create("io.baton", null);
  }
}
