package io.baton.engine.cuda.check;

import java.util.Map;

/**
 * How a check ended.
 *
 * @param figures by name, with units
 * @param message why it failed or was skipped; empty if it passed
 */
public record CheckResult(
    String name,
    String promise,
    Outcome outcome,
    long millis,
    Map<String, String> figures,
    String message) {

  /** How a check can end. */
  public enum Outcome {
    PASSED,
    FAILED,
    SKIPPED
  }

  public CheckResult {
    figures = figures == null ? Map.of() : figures;
  }

  static CheckResult failed(GpuCheck check, long millis, String message) {
    return new CheckResult(
        check.name(), check.promise(), Outcome.FAILED, millis, Map.of(), message);
  }

  /** A line for people. */
  String line() {
    var text = new StringBuilder();
    text.append(
        "%-7s %-28s %6d ms"
            .formatted(outcome.name().toLowerCase(java.util.Locale.ROOT), name, millis));
    figures.forEach((figure, value) -> text.append("  ").append(figure).append(' ').append(value));
    if (!message.isEmpty()) {
      text.append("\n        ").append(message.replace("\n", "\n        "));
    }
    return text.toString();
  }
}
