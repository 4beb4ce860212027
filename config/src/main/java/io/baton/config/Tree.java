package io.baton.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Settings before they have types, each part with its origin. */
sealed interface Tree {
  Origin origin();

  /**
   * A single value.
   *
   * @param isNull nothing was written, or YAML's null
   */
  record Scalar(String text, boolean isNull, Origin origin) implements Tree {}

  /** A list. */
  record Sequence(List<Tree> items, Origin origin) implements Tree {}

  /** Keys and values, in the order in which they were written. */
  record Mapping(Map<String, Entry> entries, Origin origin) implements Tree {}

  /** A value and the place of its key. */
  record Entry(Origin keyOrigin, Tree value) {
    /** The value; one that was not written has no place of its own and takes that of its key. */
    Tree located() {
      return value.isNothing() ? new Scalar("", true, keyOrigin) : value;
    }
  }

  /** Whether nothing stands here: a key without a value. */
  default boolean isNothing() {
    return this instanceof Scalar scalar && scalar.isNull();
  }

  /** This tree with another laid over it: mappings are merged, all else is replaced. */
  default Tree overlaidBy(Tree over) {
    if (!(over instanceof Mapping upper) || !(this instanceof Mapping under)) {
      return over;
    }
    Map<String, Entry> merged = new LinkedHashMap<>(under.entries);
    upper.entries.forEach((key, entry) ->
        merged.merge(
            key,
            entry,
            (old, added) -> new Entry(added.keyOrigin, old.value.overlaidBy(added.value))));
    return new Mapping(merged, under.origin);
  }

  /** A tree with one value, at the end of a path of keys. */
  static Tree at(List<String> path, Tree value) {
    Tree tree = value;
    for (String key : path.reversed()) {
      tree = new Mapping(Map.of(key, new Entry(value.origin(), tree)), value.origin());
    }
    return tree;
  }
}
