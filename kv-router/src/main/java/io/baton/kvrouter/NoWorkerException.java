package io.baton.kvrouter;

import java.util.EnumMap;
import java.util.Map;

/** No worker rank can take this leg now; nothing was reserved. */
public final class NoWorkerException extends Exception {
  private static final long serialVersionUID = 1;

  private final Phase phase;
  private final EnumMap<Exclusion, Integer> excluded;

  NoWorkerException(String requestId, Phase phase, Map<Exclusion, Integer> excluded) {
    super(message(requestId, phase, excluded));
    this.phase = phase;
    this.excluded = new EnumMap<>(Exclusion.class);
    this.excluded.putAll(excluded);
  }

  /** The leg that found no worker. */
  public Phase phase() {
    return phase;
  }

  /** How many ranks of the phase were excluded, by reason; empty if there are none at all. */
  public Map<Exclusion, Integer> excluded() {
    return Map.copyOf(excluded);
  }

  /** Whether some rank would take it if it were not full: waiting helps. */
  public boolean allFull() {
    return excluded.containsKey(Exclusion.FULL);
  }

  /**
   * Whether ranks of the phase are there, and none is what the request asks for: waiting does not
   * help.
   */
  public boolean nothingMatches() {
    return !excluded.isEmpty()
        && excluded.keySet().stream()
            .allMatch(why -> why == Exclusion.NOT_PINNED || why == Exclusion.OTHER_LABELS);
  }

  private static String message(String requestId, Phase phase, Map<Exclusion, Integer> excluded) {
    String there =
        excluded.isEmpty() ? "none has joined" : "all are excluded, by reason: " + excluded;
    return "request " + requestId + ": no worker for phase " + phase + " (" + there + ")";
  }
}
