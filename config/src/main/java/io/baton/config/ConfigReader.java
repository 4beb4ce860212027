package io.baton.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads settings: defaults, then the file, then the environment, then the command line, each over
 * the one before.
 */
public final class ConfigReader {
  /** Settings are written by hand. */
  private static final long MOST_BYTES = 4L << 20;

  private ConfigReader() {}

  /**
   * Reads a configuration whose record is the whole file.
   *
   * @see #read(Class, String, Optional, Map, List)
   */
  public static <T extends Record> Loaded<T> read(
      Class<T> type, Optional<Path> file, Map<String, String> environment, List<String> sets)
      throws ConfigException {
    return read(type, "", file, environment, sets);
  }

  /**
   * Reads one section of the configuration.
   *
   * @param type the record of its settings; see {@link Setting}
   * @param sectionName its top-level key, other keys being other owners' business; empty: the
   *     record is the whole file
   * @param file a YAML file; empty: none
   * @param environment variables, of which those that begin with {@code BATON_} and the section's
   *     name count
   * @param sets {@code path=value} with paths from the root
   * @throws ConfigException with everything that is wrong
   * @throws IllegalArgumentException if the record itself is wrong
   */
  public static <T extends Record> Loaded<T> read(
      Class<T> type,
      String sectionName,
      Optional<Path> file,
      Map<String, String> environment,
      List<String> sets)
      throws ConfigException {
    List<Problem> problems = new ArrayList<>();
    Section section = new Section(sectionName, type);
    Shape.Group shape = Shapes.of(type);
    Overrides overrides = new Overrides(section, shape);

    Tree tree = file.map(path -> readFile(path, problems)).orElse(nothing(Origin.DEFAULT));
    List<Problem> unknownVariables = new ArrayList<>();
    tree = overrides.environment(tree, environment, unknownVariables);
    tree = overrides.commandLine(tree, sets, problems);
    tree = sectionOf(tree, sectionName, problems);

    Path directory = file.map(Path::getParent).orElse(Path.of(""));
    Binder binder = new Binder(shape, sectionName, directory, problems);
    Object value = binder.bind(tree);
    if (value == null || !problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new Loaded<>(
        type.cast(value), List.copyOf(binder.settings()), List.copyOf(unknownVariables));
  }

  private static Tree readFile(Path file, List<Problem> problems) {
    Origin start = Origin.file(file.toString(), 1, 1);
    try {
      if (Files.size(file) > MOST_BYTES) {
        problems.add(Problem.of(start, "", "larger than " + MOST_BYTES + " bytes", ""));
        return nothing(start);
      }
      return YamlTree.ofFile(Files.readString(file), file.toString(), problems)
          .orElse(nothing(start));
    } catch (NoSuchFileException e) {
      problems.add(Problem.of(start, "", "no such file", "a YAML file"));
    } catch (IOException e) {
      problems.add(Problem.of(start, "", "cannot be read: " + e, "a YAML file"));
    }
    return nothing(start);
  }

  /** The part of the file under a key. A key that is nearly it is reported, else it goes unseen. */
  private static Tree sectionOf(Tree tree, String name, List<Problem> problems) {
    if (name.isEmpty()) {
      return tree;
    }
    if (tree.isNothing()) {
      return nothing(tree.origin());
    }
    if (!(tree instanceof Tree.Mapping mapping)) {
      problems.add(Problem.of(tree.origin(), "", "no mapping", "sections such as " + name));
      return nothing(tree.origin());
    }
    Tree.Entry entry = mapping.entries().get(name);
    if (entry != null) {
      return entry.value().isNothing() ? nothing(entry.keyOrigin()) : entry.value();
    }
    mapping
        .entries()
        .forEach((key, other) -> {
          if (Nearest.to(key, List.of(name)).isPresent()) {
            problems.add(new Problem(other.keyOrigin(), key, "unknown key", "", Optional.of(name)));
          }
        });
    return nothing(tree.origin());
  }

  private static Tree nothing(Origin origin) {
    return new Tree.Scalar("", true, origin);
  }
}
