package io.baton.telemetry.slices;

import java.util.ArrayList;
import java.util.List;

/** Names and values noted on a hot thread, in order; turned into span attributes afterwards. */
public final class Attributes {
  /** Nothing. */
  public static final Attributes NONE = new Attributes();

  private final List<Object> namesAndValues = new ArrayList<>(4);

  /** One integer. */
  public static Attributes of(String name, long value) {
    return new Attributes().with(name, value);
  }

  /** One text. */
  public static Attributes of(String name, String value) {
    return new Attributes().with(name, value);
  }

  public Attributes with(String name, long value) {
    return add(name, value);
  }

  public Attributes with(String name, double value) {
    return add(name, value);
  }

  public Attributes with(String name, boolean value) {
    return add(name, value);
  }

  public Attributes with(String name, String value) {
    return add(name, value);
  }

  private Attributes add(String name, Object value) {
    namesAndValues.add(name);
    namesAndValues.add(value);
    return this;
  }

  /** Visits all pairs in the order in which they were added. */
  public void forEach(Visitor visitor) {
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      visitor.visit((String) namesAndValues.get(i), namesAndValues.get(i + 1));
    }
  }

  /** Sees one pair; the value is a Long, Double, Boolean or String. */
  @FunctionalInterface
  public interface Visitor {
    void visit(String name, Object value);
  }
}
