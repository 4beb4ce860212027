package io.baton.gateway.trace;

import io.baton.config.Secret;
import io.baton.config.Setting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is traced, and what is kept of it. Where spans go is set by the standard OTEL_ variables.
 */
public record TraceSettings(
    @Setting(
            value = "0 nothing, 1 important slices, 2 all but nested ones, 3 all.",
            def = "2",
            min = 0,
            max = 3)
        int level,
    @Setting(
            value =
                "Share of new traces to keep, 0 to 1; negative: as OTEL_TRACES_SAMPLER says."
                    + " A caller's own decision comes first.",
            def = "-1",
            min = -1,
            max = 1)
        double ratio,
    @Setting(
            value = "Traces held here to be read without any backend; 0 holds none.",
            def = "256",
            min = 0,
            max = 100_000)
        int recent,
    @Setting(
            value =
                "Secret that a caller sends as x-baton-trace-key to choose a level by"
                    + " x-baton-trace-level.")
        Optional<Secret> callerKeyFile,
    @Setting(value = "Other rules for some models.", def = "[]") List<ModelRule> models,
    TraceFile.Settings file,
    Keep keep) {

  /** The rule for a model; of several the last one holds. */
  @Nullable ModelRule ruleOf(String model) {
    ModelRule found = null;
    for (ModelRule rule : models) {
      found = rule.model().equals(model) ? rule : found;
    }
    return found;
  }

  /** A rule for one model. */
  public record ModelRule(
      @Setting("Name under which clients ask for it.") String model,
      @Setting(value = "Level for its requests; -1: as for all.", def = "-1", min = -1, max = 3)
          int level,
      @Setting(value = "Share to keep; negative: as for all.", def = "-1", min = -1, max = 1)
          double ratio,
      @Setting(value = "Keep every failed request, whatever the share.", def = "false")
          boolean errors) {}

  /** Traces outside the share that are kept all the same, once their end is known. */
  public record Keep(
      @Setting(value = "Requests that failed.", def = "false") boolean errors,
      @Setting(value = "First token later than this; 0s: no such rule.", def = "0s", min = 0)
          Duration slowFirstToken,
      @Setting(value = "Whole request longer than this; 0s: no such rule.", def = "0s", min = 0)
          Duration slowRequest,
      @Setting(value = "Requests that needed another worker.", def = "false") boolean migrated,
      @Setting(
              value = "Prompts of which the worker had fewer blocks cached than expected.",
              def = "false")
          boolean mispredicted) {
    /** Whether the end of a request can decide anything. */
    boolean any() {
      return errors
          || migrated
          || mispredicted
          || !slowFirstToken.isZero()
          || !slowRequest.isZero();
    }
  }
}
