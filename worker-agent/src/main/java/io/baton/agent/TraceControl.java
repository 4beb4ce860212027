package io.baton.agent;

import io.baton.proto.v1.TraceSetting;
import io.baton.telemetry.TraceDecision;
import io.baton.telemetry.TraceLevels;
import io.baton.telemetry.slices.TraceClock;
import io.baton.transport.WorkerTraceLink;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fleet's trace level as this worker knows it. A request's own level comes with the request;
 * what is set here reaches the gateways, which decide.
 */
final class TraceControl {
  private static final Logger LOG = LoggerFactory.getLogger(TraceControl.class);
  private static final Pattern LEVEL = Pattern.compile("(?:^|&)level=([^&]*)");

  /** What an operator is told; the status is HTTP's. */
  record Result(int status, String message) {}

  private final WorkerTraceLink link;
  private final TraceLevels levels;
  private volatile String workerId = "";

  TraceControl(WorkerTraceLink link, boolean enabled) {
    this.link = link;
    this.levels = new TraceLevels(TraceDecision.MAX_LEVEL, enabled);
  }

  void start(String id) {
    workerId = id;
    link.start(wire(levels.current()), this::onLevel);
  }

  private void onLevel(TraceSetting heard) {
    if (levels.follow(new TraceLevels.Setting(heard.getLevel(), heard.getRevision()))) {
      LOG.info("trace level is {} from now on, set at {}", heard.getLevel(), heard.getProcess());
    }
  }

  /** Takes {@code level=N}. */
  Result set(@Nullable String query) {
    Matcher level = LEVEL.matcher(query == null ? "" : query);
    boolean given = level.find();
    if (!given || !level.group(1).matches("[0-3]")) {
      String found = given ? level.group(1) : "missing";
      return new Result(400, "level: " + found + " (expected: 0, 1, 2 or 3)");
    }
    try {
      TraceLevels.Setting set = levels.set(Integer.parseInt(level.group(1)), TraceClock.now());
      link.tell(wire(set));
      LOG.info("trace level is {} from now on, set here", set.level());
      return new Result(200, "success");
    } catch (IllegalStateException e) {
      return new Result(409, "set_trace_level: " + e.getMessage());
    }
  }

  int level() {
    return levels.level();
  }

  private TraceSetting wire(TraceLevels.Setting setting) {
    return TraceSetting.newBuilder()
        .setLevel(setting.level())
        .setRevision(setting.revision())
        .setProcess(workerId)
        .build();
  }
}
