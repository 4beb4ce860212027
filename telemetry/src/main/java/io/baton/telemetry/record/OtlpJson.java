package io.baton.telemetry.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.telemetry.record.SpanRecord.Event;
import io.baton.telemetry.record.SpanRecord.Link;
import io.baton.telemetry.record.SpanRecord.Origin;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * OTLP's JSON form: ids as hex, 64-bit numbers as text, kinds as numbers. Reads also what backends
 * make of it: Tempo's ids in Base64, kinds by name, Jaeger's wrapper around the result.
 */
public final class OtlpJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> KINDS =
      List.of("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER");
  private static final int ERROR = 2;
  private static final int TRACE_DIGITS = 32;
  private static final int SPAN_DIGITS = 16;

  private OtlpJson() {}

  /** One object on one line. */
  public static String write(List<SpanRecord> spans) {
    Map<Origin, ArrayNode> byOrigin = new LinkedHashMap<>();
    ObjectNode message = JSON.createObjectNode();
    ArrayNode resources = message.putArray("resourceSpans");
    for (SpanRecord span : spans) {
      byOrigin
          .computeIfAbsent(span.origin(), origin -> resource(resources, origin))
          .add(span(span));
    }
    return message.toString();
  }

  private static ArrayNode resource(ArrayNode resources, Origin origin) {
    ObjectNode resource = resources.addObject();
    attributes(resource.putObject("resource"), origin.attributes());
    ObjectNode scope = resource.putArray("scopeSpans").addObject();
    scope.putObject("scope").put("name", OtlpProto.SCOPE);
    return scope.putArray("spans");
  }

  private static ObjectNode span(SpanRecord span) {
    ObjectNode node =
        JSON.createObjectNode().put("traceId", span.traceId()).put("spanId", span.spanId());
    if (!span.parentId().isEmpty()) {
      node.put("parentSpanId", span.parentId());
    }
    node.put("name", span.name())
        .put("kind", Math.max(0, KINDS.indexOf(span.kind())))
        .put("startTimeUnixNano", Long.toString(span.startNanos()))
        .put("endTimeUnixNano", Long.toString(span.endNanos()));
    attributes(node, span.attributes());
    if (!span.events().isEmpty()) {
      ArrayNode events = node.putArray("events");
      for (Event event : span.events()) {
        ObjectNode one =
            events
                .addObject()
                .put("timeUnixNano", Long.toString(event.nanos()))
                .put("name", event.name());
        attributes(one, event.attributes());
      }
    }
    if (!span.links().isEmpty()) {
      ArrayNode links = node.putArray("links");
      span.links()
          .forEach(l -> links.addObject().put("traceId", l.traceId()).put("spanId", l.spanId()));
    }
    ObjectNode status = node.putObject("status");
    if (span.failed()) {
      status.put("code", ERROR).put("message", span.statusMessage());
    }
    return node;
  }

  private static void attributes(ObjectNode to, Map<String, Object> values) {
    if (!values.isEmpty()) {
      ArrayNode array = to.putArray("attributes");
      values.forEach((key, value) -> array.addObject().put("key", key).set("value", any(value)));
    }
  }

  private static ObjectNode any(Object value) {
    ObjectNode any = JSON.createObjectNode();
    switch (value) {
      case Long l -> any.put("intValue", Long.toString(l));
      case Double d -> any.put("doubleValue", d);
      case Boolean b -> any.put("boolValue", b);
      case List<?> list -> {
        ArrayNode items = any.putObject("arrayValue").putArray("values");
        list.forEach(item -> items.add(any(item)));
      }
      default -> any.put("stringValue", value.toString());
    }
    return any;
  }

  /**
   * Reads one object.
   *
   * @throws IllegalArgumentException if it is no JSON or holds no spans, saying so
   */
  public static List<SpanRecord> read(String json) {
    try {
      var spans = new ArrayList<SpanRecord>();
      collect(JSON.readTree(json), spans);
      return spans;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Finds {@code resourceSpans} (or {@code batches}, Tempo's older word) wherever they are. */
  private static void collect(JsonNode node, List<SpanRecord> spans) {
    if (node.isArray()) {
      node.forEach(item -> collect(item, spans));
      return;
    }
    JsonNode resources = node.has("batches") ? node.get("batches") : node.path("resourceSpans");
    for (JsonNode resource : resources) {
      var origin = new Origin(values(resource.path("resource")));
      for (JsonNode scope : resource.path("scopeSpans")) {
        scope.path("spans").forEach(span -> spans.add(record(span, origin)));
      }
    }
    for (String wrapper : List.of("trace", "result", "data")) {
      if (node.path(wrapper).isContainerNode()) {
        collect(node.get(wrapper), spans);
      }
    }
  }

  private static SpanRecord record(JsonNode span, Origin origin) {
    var events = new ArrayList<Event>();
    for (JsonNode event : span.path("events")) {
      events.add(
          new Event(
              event.path("name").asText(), event.path("timeUnixNano").asLong(), values(event)));
    }
    var links = new ArrayList<Link>();
    for (JsonNode link : span.path("links")) {
      links.add(new Link(id(link, "traceId", TRACE_DIGITS), id(link, "spanId", SPAN_DIGITS)));
    }
    String code = span.path("status").path("code").asText("");
    return new SpanRecord(
        id(span, "traceId", TRACE_DIGITS),
        id(span, "spanId", SPAN_DIGITS),
        id(span, "parentSpanId", SPAN_DIGITS),
        span.path("name").asText(),
        kind(span.path("kind")),
        span.path("startTimeUnixNano").asLong(),
        span.path("endTimeUnixNano").asLong(),
        values(span),
        events,
        links,
        code.equals("2") || code.equals("STATUS_CODE_ERROR"),
        span.path("status").path("message").asText(""),
        origin);
  }

  private static String id(JsonNode span, String name, int digits) {
    String text = span.path(name).asText("");
    if (text.isEmpty() || text.length() == digits) {
      return text.toLowerCase(Locale.ROOT);
    }
    try {
      return HexFormat.of().formatHex(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          name + ": " + text + " (expected: " + digits + " hex digits, or Base64)", e);
    }
  }

  private static String kind(JsonNode kind) {
    if (kind.isNumber()) {
      int number = kind.asInt();
      return number > 0 && number < KINDS.size() ? KINDS.get(number) : "INTERNAL";
    }
    String name = kind.asText("").replace("SPAN_KIND_", "");
    return KINDS.indexOf(name) > 0 ? name : "INTERNAL";
  }

  private static Map<String, Object> values(JsonNode of) {
    var values = new LinkedHashMap<String, Object>();
    for (JsonNode attribute : of.path("attributes")) {
      values.put(attribute.path("key").asText(), value(attribute.path("value")));
    }
    return values;
  }

  private static Object value(JsonNode any) {
    if (any.has("intValue")) {
      return any.get("intValue").asLong();
    } else if (any.has("doubleValue")) {
      return any.get("doubleValue").asDouble();
    } else if (any.has("boolValue")) {
      return any.get("boolValue").asBoolean();
    } else if (any.has("arrayValue")) {
      var items = new ArrayList<Object>();
      any.path("arrayValue").path("values").forEach(item -> items.add(value(item)));
      return items;
    }
    return any.path("stringValue").asText("");
  }
}
