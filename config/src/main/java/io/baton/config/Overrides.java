package io.baton.config;

import io.baton.config.ConfigNode.Entry;
import io.baton.config.ConfigNode.Mapping;
import io.baton.config.ConfigNode.Scalar;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Lays environment variables and {@code --set} over what a file says. */
final class Overrides {
  private Overrides() {}

  /** Each leaf key of the record may be given as {@code BATON_} and its path in upper case. */
  static void environment(Mapping root, Class<?> type, Map<String, String> environment)
      throws ConfigException {
    for (String path : leaves(type, "")) {
      String name = Keys.environmentName(path);
      String value = environment.get(name);
      if (value != null) {
        put(root, path, value, new Origin("environment variable " + name));
      }
    }
  }

  /** {@code a.b=value}; the value is read as YAML. */
  static void set(Mapping root, List<String> assignments) throws ConfigException {
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      Origin origin = new Origin("--set " + assignment);
      if (equals < 1) {
        throw new ConfigException(
            List.of(new Problem(origin, "", "no assignment (expected: key.path=value)")));
      }
      put(root, assignment.substring(0, equals), assignment.substring(equals + 1), origin);
    }
  }

  private static void put(Mapping root, String path, String yaml, Origin origin)
      throws ConfigException {
    ConfigNode value = YamlTree.parse(yaml, mark -> origin).orElse(new Scalar("", false, origin));
    Mapping at = root;
    String[] keys = path.split("\\.");
    for (int i = 0; i < keys.length - 1; i++) {
      Entry entry = at.entries().get(keys[i]);
      if (entry != null && entry.value() instanceof Mapping inner) {
        at = inner;
      } else {
        Mapping inner = Mapping.empty(origin);
        at.entries().put(keys[i], new Entry(origin, inner));
        at = inner;
      }
    }
    at.entries().put(keys[keys.length - 1], new Entry(origin, value));
  }

  private static List<String> leaves(Class<?> type, String path) {
    var leaves = new ArrayList<String>();
    for (RecordComponent component : type.getRecordComponents()) {
      String key = Keys.join(path, Keys.snake(component.getName()));
      if (component.getType().isRecord()) {
        leaves.addAll(leaves(component.getType(), key));
      } else {
        leaves.add(key);
      }
    }
    return leaves;
  }
}
