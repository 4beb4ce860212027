package io.baton.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings that were read.
 *
 * @param value the record
 * @param settings every single setting with its origin, in the order of the records
 * @param unknownVariables variables that look like settings and are none: to be told to the user,
 *     but they may be another program's
 */
public record Loaded<T>(T value, List<EffectiveSetting> settings, List<Problem> unknownVariables) {

  /** Where each setting comes from, by key, in the order of the records. */
  public Map<String, Origin> origins() {
    Map<String, Origin> origins = new LinkedHashMap<>();
    settings.forEach(setting -> origins.put(setting.key(), setting.origin()));
    return origins;
  }

  /** The effective settings, one a line, each with its origin; for {@code baton config show}. */
  public String show() {
    StringBuilder text = new StringBuilder();
    int width = settings.stream().mapToInt(s -> line(s).length()).max().orElse(0);
    for (EffectiveSetting setting : settings) {
      String line = line(setting);
      text.append(line)
          .repeat(' ', width - line.length())
          .append("  # ")
          .append(setting.origin())
          .append('\n');
    }
    unknownVariables.forEach(problem -> text.append("# ").append(problem).append('\n'));
    return text.toString();
  }

  private static String line(EffectiveSetting setting) {
    return setting.key() + ": " + setting.value();
  }
}
