package io.baton.telemetry.view;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.telemetry.record.SpanRecord;

/** A trace as nested JSON objects, for scripts. Times are nanoseconds on the gateway's clock. */
public final class TreeJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TreeJson() {}

  /** One object with {@code trace_id} and {@code roots}. */
  public static ObjectNode of(TraceTree tree) {
    ObjectNode whole = JSON.createObjectNode();
    whole.put("trace_id", tree.roots().isEmpty() ? "" : tree.roots().getFirst().traceId());
    whole.put("spans", tree.spans().size());
    ArrayNode roots = whole.putArray("roots");
    tree.roots().forEach(root -> roots.add(span(tree, root)));
    return whole;
  }

  private static ObjectNode span(TraceTree tree, SpanRecord span) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("name", span.name())
            .put("kind", span.kind())
            .put("service", span.origin().service())
            .put("instance", span.origin().instance())
            .put("span_id", span.spanId())
            .put("start_unix_nanos", tree.start(span))
            .put("duration_nanos", span.durationNanos());
    TraceTree.Clock clock = tree.clock(span);
    if (!clock.equals(TraceTree.Clock.UNMEASURED)) {
      node.put("clock_offset_nanos", clock.offsetNanos())
          .put("clock_error_nanos", clock.errorNanos());
    }
    if (span.failed()) {
      node.put("failed", span.statusMessage());
    }
    node.set("attributes", JSON.valueToTree(span.attributes()));
    if (!span.events().isEmpty()) {
      ArrayNode events = node.putArray("events");
      span.events()
          .forEach(event ->
              events
                  .addObject()
                  .put("name", event.name())
                  .put("unix_nanos", event.nanos() - clock.offsetNanos())
                  .set("attributes", JSON.valueToTree(event.attributes())));
    }
    if (!span.links().isEmpty()) {
      ArrayNode links = node.putArray("links");
      span.links().forEach(link -> links.add(link.spanId()));
    }
    ArrayNode children = node.putArray("children");
    tree.children(span).forEach(child -> children.add(span(tree, child)));
    return node;
  }
}
