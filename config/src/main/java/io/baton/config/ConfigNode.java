package io.baton.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A tree of values, each with its origin. Mappings can be changed, to lay overrides over them. */
sealed interface ConfigNode {
  Origin origin();

  record Scalar(String text, boolean isNull, Origin origin) implements ConfigNode {}

  record Sequence(List<ConfigNode> items, Origin origin) implements ConfigNode {}

  record Mapping(Map<String, Entry> entries, Origin origin) implements ConfigNode {
    static Mapping empty(Origin origin) {
      return new Mapping(new LinkedHashMap<>(), origin);
    }
  }

  /**
   * A member of a mapping.
   *
   * @param keyOrigin where the key stands
   */
  record Entry(Origin keyOrigin, ConfigNode value) {}
}
