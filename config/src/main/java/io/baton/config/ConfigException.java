package io.baton.config;

import java.util.List;
import java.util.stream.Collectors;

/** Settings that cannot be used; the message names every mistake, one per line. */
public final class ConfigException extends Exception {
  // Not for serializing; exceptions merely happen to be serializable.
  private final transient List<Problem> problems;

  ConfigException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }
}
