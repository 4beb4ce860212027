package io.baton.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a configuration again when its file has changed. A file that cannot be used changes
 * nothing: it is reported once, and the settings in force stay. It has no thread; one caller polls
 * it.
 */
public final class SettingsWatch<T extends Record> {
  private final Class<T> type;
  private final Path file;
  private final Map<String, String> environment;
  private final List<String> sets;
  private volatile Loaded<T> current;
  private FileStamp seen;

  /**
   * Watches from now on.
   *
   * @param current as it was read from these same sources
   */
  public SettingsWatch(
      Class<T> type,
      Path file,
      Map<String, String> environment,
      List<String> sets,
      Loaded<T> current) {
    this.type = type;
    this.file = file;
    this.environment = environment;
    this.sets = sets;
    this.current = current;
    this.seen = FileStamp.of(file);
  }

  /**
   * One setting that has another value now.
   *
   * @param before empty if it was not there, as with elements of lists
   * @param after empty if it is gone
   */
  public record Difference(String key, String before, String after) {
    @Override
    public String toString() {
      return key + ": " + quoted(before) + " -> " + quoted(after);
    }

    private static String quoted(String value) {
      return value.isEmpty() ? "(nothing)" : value;
    }
  }

  /** New settings, and what is different about them; at least one difference. */
  public record Change<T>(T value, List<Difference> differences) {}

  /** The settings as they were read last. */
  public Loaded<T> current() {
    return current;
  }

  /**
   * Looks at the file.
   *
   * @return the new settings if the file has changed and says something else
   * @throws ConfigException once, if the changed file cannot be used
   */
  public Optional<Change<T>> poll() throws ConfigException {
    FileStamp now = FileStamp.of(file);
    if (now.equals(seen)) {
      return Optional.empty();
    }
    seen = now;
    Loaded<T> read = ConfigReader.read(type, Optional.of(file), environment, sets);
    List<Difference> differences = differences(current, read);
    current = read;
    return differences.isEmpty()
        ? Optional.empty()
        : Optional.of(new Change<>(read.value(), differences));
  }

  private static List<Difference> differences(Loaded<?> before, Loaded<?> after) {
    Map<String, String> old = values(before);
    Map<String, String> fresh = values(after);
    Set<String> keys = new LinkedHashSet<>(old.keySet());
    keys.addAll(fresh.keySet());
    List<Difference> differences = new ArrayList<>();
    for (String key : keys) {
      String was = old.getOrDefault(key, "");
      String is = fresh.getOrDefault(key, "");
      if (!was.equals(is)) {
        differences.add(new Difference(key, was, is));
      }
    }
    return List.copyOf(differences);
  }

  private static Map<String, String> values(Loaded<?> loaded) {
    Map<String, String> values = new LinkedHashMap<>();
    loaded.settings().forEach(setting -> values.put(setting.key(), setting.value()));
    return values;
  }
}
