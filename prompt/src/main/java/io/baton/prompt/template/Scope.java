package io.baton.prompt.template;

import io.baton.prompt.template.Values.Undefined;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and their values; inner scopes see outer ones and cannot change them. */
final class Scope {
  private final @Nullable Scope outer;
  private final Map<String, @Nullable Object> names;

  private Scope(@Nullable Scope outer, Map<String, @Nullable Object> names) {
    this.outer = outer;
    this.names = names;
  }

  static Scope root(Map<String, @Nullable Object> names) {
    return new Scope(null, names);
  }

  Scope inner() {
    return new Scope(this, new HashMap<>());
  }

  @Nullable Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.names.containsKey(name)) {
        return scope.names.get(name);
      }
    }
    return new Undefined(name);
  }

  void set(String name, @Nullable Object value) {
    names.put(name, value);
  }
}
