package io.baton.config;

import java.util.List;

/** The configuration cannot be used; says everything that is wrong with it. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  ConfigException(List<Problem> problems) {
    super(message(problems));
    this.problems = List.copyOf(problems);
  }

  /** All problems, in the order in which they stand in the file; at least one. */
  public List<Problem> problems() {
    return problems;
  }

  private static String message(List<Problem> problems) {
    StringBuilder message = new StringBuilder();
    message.append(
        problems.size() == 1
            ? "1 problem in the configuration:"
            : problems.size() + " problems in the configuration:");
    problems.forEach(problem -> message.append("\n  ").append(problem));
    return message.toString();
  }
}
