package io.baton.config;

import io.baton.config.ConfigNode.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads settings: a file first, environment variables over it, {@code --set} over both. */
public final class ConfigReader {
  private ConfigReader() {}

  /**
   * Reads a record and all records below it.
   *
   * @param type a record whose components are settings ({@link Setting}) or records of settings
   * @param file YAML; without one there are only defaults, environment and assignments
   * @param environment usually {@link System#getenv()}
   * @param assignments as {@code key.path=value}
   * @throws ConfigException naming every mistake with its place
   */
  public static <T extends Record> Loaded<T> read(
      Class<T> type, Optional<Path> file, Map<String, String> environment, List<String> assignments)
      throws ConfigException {
    Mapping root = file.isPresent() ? fromFile(file.get()) : Mapping.empty(Origin.DEFAULT);
    Overrides.environment(root, type, environment);
    Overrides.set(root, assignments);
    var binder = new Binder();
    Object value = binder.record(type, root, "");
    if (value == null || !binder.problems().isEmpty()) {
      throw new ConfigException(binder.problems());
    }
    return new Loaded<>(type.cast(value), binder.origins());
  }

  private static Mapping fromFile(Path file) throws ConfigException {
    String name = file.toString();
    Optional<ConfigNode> tree =
        YamlTree.parse(
            text(file), mark -> Origin.of(name, mark.getLine() + 1, mark.getColumn() + 1));
    if (tree.isEmpty()) {
      return Mapping.empty(new Origin(name));
    }
    if (tree.get() instanceof Mapping mapping) {
      return mapping;
    }
    throw new ConfigException(
        List.of(new Problem(tree.get().origin(), "", "not a mapping of keys to values")));
  }

  private static String text(Path file) throws ConfigException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          List.of(new Problem(new Origin(file.toString()), "", "no such file")));
    } catch (IOException e) {
      throw new ConfigException(
          List.of(new Problem(new Origin(file.toString()), "", "cannot be read: " + e)));
    }
  }
}
