package io.baton.telemetry.view;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.record.SpanRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Traces as a file for <a href="https://ui.perfetto.dev">Perfetto</a>, in Chrome's JSON: a process
 * per host, instance and service, lanes by concurrent request, arrows for messages, hand-offs and
 * links. Other processes' clocks are corrected; the raw times stand in the arguments.
 */
public final class Perfetto {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_MILLI = 1e6;

  /** In the order in which a request passes them. */
  private static final List<String> PATH = List.of("gateway", "prefill", "decode", "worker", "");

  private record Row(String host, String instance, String service) {}

  private final List<TraceTree> traces;
  private final Map<Row, List<List<SpanRecord>>> rows = new LinkedHashMap<>();
  private final Map<String, int[]> places = new HashMap<>();
  private final ObjectNode file = JSON.createObjectNode();
  private final ArrayNode events = file.putArray("traceEvents");
  private final long base;
  private int flows;

  private Perfetto(List<TraceTree> traces) {
    this.traces = traces;
    this.base =
        traces.stream()
            .flatMap(tree -> tree.spans().stream().map(tree::start))
            .mapToLong(Long::longValue)
            .min()
            .orElse(0);
  }

  /** The file's content. */
  public static ObjectNode of(List<TraceTree> traces) {
    var perfetto = new Perfetto(traces);
    perfetto.file.put("displayTimeUnit", "ms");
    perfetto.sort();
    perfetto.draw();
    perfetto.arrows();
    return perfetto.file;
  }

  private void sort() {
    for (int i = 0; i < traces.size(); i++) {
      for (SpanRecord span : traces.get(i).spans()) {
        var origin = span.origin();
        var row = new Row(origin.host(), origin.instance(), origin.service());
        rows.computeIfAbsent(row, r -> empty()).get(i).add(span);
      }
    }
  }

  private List<List<SpanRecord>> empty() {
    var lists = new ArrayList<List<SpanRecord>>();
    traces.forEach(tree -> lists.add(new ArrayList<>()));
    return lists;
  }

  private void draw() {
    int pid = 0;
    for (var row : rows.entrySet()) {
      pid++;
      Map<String, Integer> lanes = Lanes.of(traces, row.getValue());
      name(pid, row.getKey(), row.getValue());
      for (int i = 0; i < traces.size(); i++) {
        for (SpanRecord span : row.getValue().get(i)) {
          int lane = lanes.getOrDefault(span.spanId(), 1);
          places.put(span.spanId(), new int[] {pid, lane});
          slice(traces.get(i), span, pid, lane);
        }
      }
    }
  }

  private void name(int pid, Row row, List<List<SpanRecord>> spans) {
    String host = row.host().substring(0, Math.min(8, row.host().length()));
    String name = row.service() + " " + row.instance() + " @" + host + clockNote(spans);
    meta(pid, "process_name").put("name", name);
    int order = 0;
    while (!row.service().contains(PATH.get(order)) && !row.instance().contains(PATH.get(order))) {
      order++;
    }
    meta(pid, "process_sort_index").put("sort_index", order);
  }

  private String clockNote(List<List<SpanRecord>> spans) {
    for (int i = 0; i < traces.size(); i++) {
      for (SpanRecord span : spans.get(i)) {
        TraceTree.Clock clock = traces.get(i).clock(span);
        if (!clock.equals(TraceTree.Clock.UNMEASURED)) {
          return String.format(
              Locale.ROOT,
              " (clock %+.3f ms ± %.3f, corrected)",
              clock.offsetNanos() / NANOS_PER_MILLI,
              clock.errorNanos() / NANOS_PER_MILLI);
        }
      }
    }
    return "";
  }

  private ObjectNode meta(int pid, String what) {
    return events.addObject().put("ph", "M").put("pid", pid).put("name", what).putObject("args");
  }

  private void slice(TraceTree tree, SpanRecord span, int pid, int lane) {
    ObjectNode slice =
        events
            .addObject()
            .put("ph", "X")
            .put("pid", pid)
            .put("tid", lane)
            .put("name", span.name())
            .put("cat", span.failed() ? "failed" : span.kind().toLowerCase(Locale.ROOT))
            .put("ts", micros(tree.start(span)))
            .put("dur", span.durationNanos() / NANOS_PER_MICRO);
    ObjectNode args = slice.putObject("args");
    span.attributes().forEach((key, value) -> args.set(key, JSON.valueToTree(value)));
    args.put("trace_id", span.traceId())
        .put("span_id", span.spanId())
        .put("raw_start_unix_nanos", Long.toString(span.startNanos()));
    span.events()
        .forEach(event ->
            events
                .addObject()
                .put("ph", "i")
                .put("s", "t")
                .put("pid", pid)
                .put("tid", lane)
                .put("name", event.name())
                .put("ts", micros(event.nanos() - tree.clock(span).offsetNanos())));
  }

  private double micros(long nanos) {
    return (nanos - base) / NANOS_PER_MICRO;
  }

  private void arrows() {
    for (TraceTree tree : traces) {
      Map<String, SpanRecord> sent = new HashMap<>();
      for (SpanRecord span : tree.spans()) {
        SpanRecord parent = tree.parent(span);
        if (parent != null && !parent.origin().equals(span.origin())) {
          arrow(tree, "message", parent, tree.start(parent), span);
        }
        span.links()
            .forEach(link -> {
              SpanRecord from = tree.find(link.spanId());
              if (from != null) {
                arrow(tree, "link", from, lastInside(tree, from), span);
              }
            });
        if (span.name().equals("prefill_transfer_kv_cache")) {
          sent.put(room(tree, span), span);
        }
      }
      for (SpanRecord span : tree.spans()) {
        SpanRecord from = sent.get(room(tree, span));
        if (from != null && span.name().equals("decode_transferred")) {
          arrow(tree, "kv", from, tree.start(from), span);
        }
      }
    }
  }

  private static String room(TraceTree tree, SpanRecord span) {
    for (SpanRecord up = span; up != null; up = tree.parent(up)) {
      String room = up.text(SpanNames.BOOTSTRAP_ROOM_ATTRIBUTE);
      if (!room.isEmpty()) {
        return room;
      }
    }
    return "";
  }

  /** An arrow leaves from inside a slice, not from its edge, or it would hang in the air. */
  private static long lastInside(TraceTree tree, SpanRecord span) {
    return Math.max(tree.start(span), tree.end(span) - 1);
  }

  private void arrow(TraceTree tree, String what, SpanRecord from, long leaves, SpanRecord to) {
    flows++;
    end("s", what, from, leaves);
    long arrives = Math.clamp(leaves, tree.start(to), lastInside(tree, to));
    end("f", what, to, arrives).put("bp", "e");
  }

  private ObjectNode end(String phase, String what, SpanRecord span, long nanos) {
    int @Nullable [] place = places.get(span.spanId());
    ObjectNode end = events.addObject().put("ph", phase).put("id", flows).put("name", what);
    return end.put("cat", what)
        .put("pid", place == null ? 0 : place[0])
        .put("tid", place == null ? 0 : place[1])
        .put("ts", micros(nanos));
  }
}
