package io.baton.telemetry.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.telemetry.record.SpanRecord.Event;
import io.baton.telemetry.record.SpanRecord.Link;
import io.baton.telemetry.record.SpanRecord.Origin;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** OTLP's binary form. */
public final class OtlpProto {
  /** Name of the instrumentation scope of all spans that Baton makes. */
  public static final String SCOPE = "io.baton";

  private static final String KIND = "SPAN_KIND_";

  private OtlpProto() {}

  /** One message with all spans, grouped by process. */
  public static ExportTraceServiceRequest message(List<SpanRecord> spans) {
    Map<Origin, ScopeSpans.Builder> byOrigin = new LinkedHashMap<>();
    for (SpanRecord span : spans) {
      byOrigin
          .computeIfAbsent(
              span.origin(),
              o ->
                  ScopeSpans.newBuilder()
                      .setScope(InstrumentationScope.newBuilder().setName(SCOPE)))
          .addSpans(span(span));
    }
    var message = ExportTraceServiceRequest.newBuilder();
    byOrigin.forEach((origin, scope) ->
        message.addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(
                    Resource.newBuilder().addAllAttributes(attributes(origin.attributes())))
                .addScopeSpans(scope)));
    return message.build();
  }

  /**
   * Reads a message.
   *
   * @throws InvalidProtocolBufferException if it is none
   */
  public static List<SpanRecord> read(ByteString message) throws InvalidProtocolBufferException {
    return read(ExportTraceServiceRequest.parseFrom(message));
  }

  /** All spans of a message. */
  public static List<SpanRecord> read(ExportTraceServiceRequest message) {
    var spans = new ArrayList<SpanRecord>();
    for (ResourceSpans resource : message.getResourceSpansList()) {
      var origin = new Origin(values(resource.getResource().getAttributesList()));
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        scope.getSpansList().forEach(span -> spans.add(record(span, origin)));
      }
    }
    return spans;
  }

  private static Span span(SpanRecord span) {
    var built =
        Span.newBuilder()
            .setTraceId(bytes(span.traceId()))
            .setSpanId(bytes(span.spanId()))
            .setParentSpanId(bytes(span.parentId()))
            .setName(span.name())
            .setKind(Span.SpanKind.valueOf(KIND + span.kind()))
            .setStartTimeUnixNano(span.startNanos())
            .setEndTimeUnixNano(span.endNanos())
            .addAllAttributes(attributes(span.attributes()));
    for (Event event : span.events()) {
      built.addEvents(
          Span.Event.newBuilder()
              .setName(event.name())
              .setTimeUnixNano(event.nanos())
              .addAllAttributes(attributes(event.attributes())));
    }
    for (Link link : span.links()) {
      built.addLinks(
          Span.Link.newBuilder().setTraceId(bytes(link.traceId())).setSpanId(bytes(link.spanId())));
    }
    if (span.failed()) {
      built.setStatus(
          Status.newBuilder()
              .setCode(Status.StatusCode.STATUS_CODE_ERROR)
              .setMessage(span.statusMessage()));
    }
    return built.build();
  }

  private static SpanRecord record(Span span, Origin origin) {
    String kind = span.getKind().name();
    return new SpanRecord(
        hex(span.getTraceId()),
        hex(span.getSpanId()),
        hex(span.getParentSpanId()),
        span.getName(),
        kind.startsWith(KIND) ? kind.substring(KIND.length()) : "INTERNAL",
        span.getStartTimeUnixNano(),
        span.getEndTimeUnixNano(),
        values(span.getAttributesList()),
        span.getEventsList().stream()
            .map(e -> new Event(e.getName(), e.getTimeUnixNano(), values(e.getAttributesList())))
            .toList(),
        span.getLinksList().stream()
            .map(l -> new Link(hex(l.getTraceId()), hex(l.getSpanId())))
            .toList(),
        span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR,
        span.getStatus().getMessage(),
        origin);
  }

  private static List<KeyValue> attributes(Map<String, Object> values) {
    var attributes = new ArrayList<KeyValue>(values.size());
    values.forEach((key, value) ->
        attributes.add(KeyValue.newBuilder().setKey(key).setValue(any(value)).build()));
    return attributes;
  }

  private static AnyValue any(Object value) {
    var any = AnyValue.newBuilder();
    switch (value) {
      case Long l -> any.setIntValue(l);
      case Double d -> any.setDoubleValue(d);
      case Boolean b -> any.setBoolValue(b);
      case List<?> list -> {
        var array = ArrayValue.newBuilder();
        list.forEach(item -> array.addValues(any(item)));
        any.setArrayValue(array);
      }
      default -> any.setStringValue(value.toString());
    }
    return any.build();
  }

  private static Map<String, Object> values(List<KeyValue> attributes) {
    var values = new LinkedHashMap<String, Object>();
    attributes.forEach(attribute -> values.put(attribute.getKey(), value(attribute.getValue())));
    return values;
  }

  private static Object value(AnyValue value) {
    return switch (value.getValueCase()) {
      case INT_VALUE -> value.getIntValue();
      case DOUBLE_VALUE -> value.getDoubleValue();
      case BOOL_VALUE -> value.getBoolValue();
      case ARRAY_VALUE ->
          value.getArrayValue().getValuesList().stream().map(OtlpProto::value).toList();
      default -> value.getStringValue();
    };
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
