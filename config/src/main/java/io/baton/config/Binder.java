package io.baton.config;

import io.baton.config.ConfigNode.Entry;
import io.baton.config.ConfigNode.Mapping;
import io.baton.config.ConfigNode.Scalar;
import io.baton.config.ConfigNode.Sequence;
import io.baton.config.ScalarTypes.WrongValue;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes records from a tree and collects every mistake on the way. */
final class Binder {
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Origin> origins = new LinkedHashMap<>();

  List<Problem> problems() {
    return problems;
  }

  Map<String, Origin> origins() {
    return origins;
  }

  /** A record from a mapping; null if there were mistakes. */
  @Nullable Object record(Class<?> type, ConfigNode node, String path) {
    if (!(node instanceof Mapping mapping)) {
      problem(node.origin(), path, shown(node), "a mapping of keys to values");
      return null;
    }
    RecordComponent[] components = type.getRecordComponents();
    refuseUnknownKeys(mapping, components, path);
    int before = problems.size();
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = Keys.snake(components[i].getName());
      values[i] = component(components[i], mapping, key, Keys.join(path, key));
    }
    return problems.size() == before ? construct(type, components, values, mapping, path) : null;
  }

  private void refuseUnknownKeys(Mapping mapping, RecordComponent[] components, String path) {
    List<String> known = Arrays.stream(components).map(c -> Keys.snake(c.getName())).toList();
    for (var entry : mapping.entries().entrySet()) {
      if (!known.contains(entry.getKey())) {
        String hint =
            Keys.nearest(entry.getKey(), known)
                .map(key -> "did you mean " + key + "?")
                .orElse("known here: " + String.join(", ", known));
        problems.add(
            new Problem(
                entry.getValue().keyOrigin(),
                Keys.join(path, entry.getKey()),
                "unknown key (" + hint + ")"));
      }
    }
  }

  private @Nullable Object component(
      RecordComponent component, Mapping mapping, String key, String path) {
    Setting setting = component.getAnnotation(Setting.class);
    Entry entry = mapping.entries().get(key);
    if (entry != null && !isNull(entry.value())) {
      return value(component.getGenericType(), entry.value(), setting, path);
    }
    Class<?> type = component.getType();
    if (setting != null && !setting.def().equals(Setting.REQUIRED)) {
      return value(component.getGenericType(), fromDefault(setting.def()), setting, path);
    } else if (type.isRecord()) {
      return record(type, Mapping.empty(Origin.DEFAULT), path);
    } else if (type == Optional.class) {
      return Optional.empty();
    } else if (type == List.class) {
      return List.of();
    } else if (type == Map.class) {
      return Map.of();
    }
    String meaning = setting == null ? "" : ": " + setting.value();
    problems.add(new Problem(mapping.origin(), path, "missing (expected" + meaning + ")"));
    return null;
  }

  private static boolean isNull(ConfigNode node) {
    return node instanceof Scalar scalar && scalar.isNull();
  }

  private static ConfigNode fromDefault(String yaml) {
    try {
      return YamlTree.parse(yaml, mark -> Origin.DEFAULT)
          .orElse(new Scalar("", false, Origin.DEFAULT));
    } catch (ConfigException e) {
      throw new IllegalStateException("default of a setting: " + yaml, e);
    }
  }

  private @Nullable Object value(
      Type type, ConfigNode node, @Nullable Setting setting, String path) {
    if (type instanceof ParameterizedType generic) {
      return generic(generic, node, setting, path);
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isRecord()) {
      return record(plain, node, path);
    }
    if (!(node instanceof Scalar scalar)) {
      problem(node.origin(), path, shown(node), "a single value");
      return null;
    }
    origins.put(path, node.origin());
    try {
      return ScalarTypes.convert(plain, scalar.text(), setting);
    } catch (WrongValue e) {
      problem(node.origin(), path, scalar.text(), e.getMessage());
      return null;
    }
  }

  private @Nullable Object generic(
      ParameterizedType type, ConfigNode node, @Nullable Setting setting, String path) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == Optional.class) {
      return Optional.ofNullable(value(arguments[0], node, setting, path));
    } else if (type.getRawType() == List.class) {
      return list(arguments[0], node, setting, path);
    } else if (type.getRawType() == Map.class && arguments[0] == String.class) {
      return map(arguments[1], node, setting, path);
    }
    throw new IllegalStateException(path + ": no settings of type " + type);
  }

  private List<Object> list(Type item, ConfigNode node, @Nullable Setting setting, String path) {
    // One value may stand for a list of one; also how an environment variable gives several.
    List<ConfigNode> nodes =
        switch (node) {
          case Sequence sequence -> sequence.items();
          case Scalar scalar ->
              Arrays.stream(scalar.text().split(","))
                  .map(String::strip)
                  .filter(text -> !text.isEmpty())
                  .<ConfigNode>map(text -> new Scalar(text, false, scalar.origin()))
                  .toList();
          case Mapping mapping -> List.of(mapping);
        };
    var values = new ArrayList<Object>();
    for (int i = 0; i < nodes.size(); i++) {
      Object value = value(item, nodes.get(i), setting, path + "[" + i + "]");
      if (value != null) {
        values.add(value);
      }
    }
    return List.copyOf(values);
  }

  private Map<String, Object> map(
      Type valueType, ConfigNode node, @Nullable Setting setting, String path) {
    var values = new LinkedHashMap<String, Object>();
    if (!(node instanceof Mapping mapping)) {
      problem(node.origin(), path, shown(node), "a mapping of names to values");
      return values;
    }
    for (var entry : mapping.entries().entrySet()) {
      Object value =
          value(valueType, entry.getValue().value(), setting, Keys.join(path, entry.getKey()));
      if (value != null) {
        values.put(entry.getKey(), value);
      }
    }
    return values;
  }

  /** A record's own constructor may refuse values too: combinations, for example. */
  private @Nullable Object construct(
      Class<?> type,
      RecordComponent[] components,
      @Nullable Object[] values,
      Mapping mapping,
      String path) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (!(e.getCause() instanceof IllegalArgumentException refused)) {
        throw new IllegalStateException(type + " cannot be made", e);
      }
      problems.add(new Problem(mapping.origin(), path, String.valueOf(refused.getMessage())));
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  private void problem(Origin where, String path, String value, @Nullable String expected) {
    problems.add(new Problem(where, path, value + " (expected: " + expected + ")"));
  }

  private static String shown(ConfigNode node) {
    return switch (node) {
      case Scalar scalar -> scalar.text();
      case Sequence sequence -> "a list of " + sequence.items().size();
      case Mapping mapping -> "a mapping with " + mapping.entries().keySet();
    };
  }
}
