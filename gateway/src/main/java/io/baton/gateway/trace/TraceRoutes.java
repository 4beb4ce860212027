package io.baton.gateway.trace;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.gateway.admin.AdminAnswer;
import io.baton.gateway.admin.AdminRequest;
import io.baton.gateway.admin.AdminServer;
import io.baton.telemetry.record.OtlpJson;
import io.baton.telemetry.view.Perfetto;
import io.baton.telemetry.view.TraceTree;
import io.baton.telemetry.view.TreeJson;
import io.baton.telemetry.view.TreeText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Recent traces for operators: a list, and each as text, JSON, OTLP or for Perfetto. */
final class TraceRoutes {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LISTED = 100;
  private static final int NEIGHBOURS = 32;

  private final RecentTraces recent;

  TraceRoutes(RecentTraces recent) {
    this.recent = recent;
  }

  void addTo(AdminServer admin) {
    admin.route(Set.of("GET"), "/v1/traces", this::list);
    admin.routeBelow(Set.of("GET"), "/v1/traces/", this::one);
  }

  private AdminAnswer list(AdminRequest request) {
    int limit;
    try {
      limit =
          Math.clamp(Integer.parseInt(request.parameter("limit").orElse("" + LISTED)), 1, 10_000);
    } catch (NumberFormatException e) {
      return AdminAnswer.error(
          400, "limit: " + request.parameter("limit") + " (expected: a number)");
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode traces = answer.putArray("traces");
    for (RecentTraces.Held held : recent.newest(limit)) {
      ObjectNode one =
          traces
              .addObject()
              .put("trace_id", held.traceId())
              .put("spans", held.spans().size())
              .put("left_out", held.leftOut())
              .put("finished", held.finished());
      ArrayNode requests = one.putArray("requests");
      for (RequestOutcome outcome : held.outcomes()) {
        requests
            .addObject()
            .put("request_id", outcome.requestId())
            .put("model", outcome.model())
            .put("status", outcome.status())
            .put("attempts", outcome.attempts())
            .put("seconds", (outcome.endNanos() - outcome.startNanos()) / 1e9);
      }
    }
    return AdminAnswer.json(answer.toString());
  }

  private AdminAnswer one(AdminRequest request) {
    Optional<RecentTraces.Held> held = recent.find(request.rest());
    if (held.isEmpty()) {
      return AdminAnswer.error(
          404,
          request.rest()
              + ": no such trace here (expected: a trace id or x-request-id of one of the last"
              + " requests; trace.recent says how many are held)");
    }
    String format = request.parameter("format").orElse("text");
    var tree = new TraceTree(held.get().spans());
    return switch (format) {
      case "text" -> AdminAnswer.text(TreeText.of(tree) + leftOut(held.get()));
      case "json" ->
          AdminAnswer.json(TreeJson.of(tree).put("left_out", held.get().leftOut()).toString());
      case "otlp" -> AdminAnswer.json(OtlpJson.write(held.get().spans()));
      case "perfetto" ->
          AdminAnswer.json(Perfetto.of(withNeighbours(request, tree, held.get())).toString());
      default ->
          AdminAnswer.error(400, "format: " + format + " (expected: text, json, otlp or perfetto)");
    };
  }

  private static String leftOut(RecentTraces.Held held) {
    return held.leftOut() == 0 ? "" : held.leftOut() + " more spans came and were not held\n";
  }

  /** With {@code neighbours=true}, also requests that ran at the same time. */
  private List<TraceTree> withNeighbours(
      AdminRequest request, TraceTree tree, RecentTraces.Held held) {
    var trees = new ArrayList<TraceTree>(List.of(tree));
    if (!request.parameter("neighbours").orElse("false").equals("true")) {
      return trees;
    }
    for (RecentTraces.Held other : recent.newest(10_000)) {
      boolean beside =
          !other.traceId().equals(held.traceId())
              && other.outcomes().stream()
                  .anyMatch(o -> held.outcomes().stream().anyMatch(mine -> overlap(o, mine)));
      if (beside && trees.size() <= NEIGHBOURS) {
        trees.add(new TraceTree(other.spans()));
      }
    }
    return trees;
  }

  private static boolean overlap(RequestOutcome a, RequestOutcome b) {
    return a.startNanos() < b.endNanos() && b.startNanos() < a.endNanos();
  }
}
