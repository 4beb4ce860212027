package io.baton.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values from environment and command line, laid over the file.
 *
 * <p>A setting's variable is {@code BATON_}, then its path from the root in capitals, with {@code
 * _} for each dot. On the command line, a value is {@code path=value}.
 */
final class Overrides {
  private static final String PREFIX = "BATON_";

  private final Section section;

  /** Paths of all settings that a variable can set, by variable. */
  private final Map<String, List<String>> variables = new LinkedHashMap<>();

  Overrides(Section section, Shape.Group shape) {
    this.section = section;
    collect(shape, section.name().isEmpty() ? List.of() : List.of(section.name()));
  }

  /** The name of a setting's variable. */
  static String variable(String path) {
    return PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /**
   * The tree with what the environment says about this section.
   *
   * @param unknown receives variables that look like settings of this section and are none; they
   *     may be another program's, so they are no errors
   */
  Tree environment(Tree tree, Map<String, String> environment, List<Problem> unknown) {
    Tree result = tree;
    for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
      String name = variable.getKey();
      Origin origin = Origin.environment(name);
      List<String> path = variables.get(name);
      if (path != null) {
        Tree value = new Tree.Scalar(variable.getValue(), false, origin);
        result = result.overlaidBy(Tree.at(path, value));
      } else if (isOurs(name)) {
        unknown.add(
            new Problem(
                origin,
                "",
                "unknown variable",
                "the name of a setting",
                Nearest.to(name, variables.keySet())));
      }
    }
    return result;
  }

  /** The tree with what the command line says about this section. */
  Tree commandLine(Tree tree, List<String> sets, List<Problem> problems) {
    Tree result = tree;
    for (String set : sets) {
      int equals = set.indexOf('=');
      String key = equals < 0 ? set : set.substring(0, equals);
      List<String> path = Arrays.asList(key.split("\\.", -1));
      Origin origin = Origin.commandLine(key);
      if (equals < 0 || path.contains("")) {
        problems.add(Problem.of(origin, "", set, "key.of.setting=value"));
      } else if (section.name().isEmpty() || path.getFirst().equals(section.name())) {
        Tree value = new Tree.Scalar(set.substring(equals + 1), false, origin);
        result = result.overlaidBy(Tree.at(path, value));
      }
    }
    return result;
  }

  private void collect(Shape.Group group, List<String> parent) {
    for (Shape.Field field : group.fields()) {
      List<String> path = new ArrayList<>(parent);
      path.add(field.key());
      if (field.shape() instanceof Shape.Group inner) {
        collect(inner, path);
        continue;
      }
      String variable = variable(String.join(".", path));
      List<String> other = variables.put(variable, path);
      if (other != null) {
        throw new IllegalArgumentException(
            variable + ": would set both " + other + " and " + path + " (expected: one)");
      }
    }
  }

  /** Whether a variable can only mean a setting of this section. */
  private boolean isOurs(String name) {
    if (!section.name().isEmpty()) {
      return name.startsWith(variable(section.name()) + "_");
    }
    return variables.values().stream()
        .anyMatch(path -> name.startsWith(variable(path.getFirst()) + "_"));
  }
}
