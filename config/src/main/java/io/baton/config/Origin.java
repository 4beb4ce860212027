package io.baton.config;

/**
 * Where a value comes from.
 *
 * @param source the kind of place
 * @param name file, environment variable or option; empty for defaults
 * @param line in the file, from 1; 0 if it is no file
 * @param column in the file, from 1; 0 if it is no file
 */
public record Origin(Source source, String name, int line, int column) {
  /** Kinds of places; later ones override earlier ones. */
  public enum Source {
    DEFAULT,
    FILE,
    ENVIRONMENT,
    COMMAND_LINE
  }

  static final Origin DEFAULT = new Origin(Source.DEFAULT, "", 0, 0);

  static Origin file(String name, int line, int column) {
    return new Origin(Source.FILE, name, line, column);
  }

  static Origin environment(String variable) {
    return new Origin(Source.ENVIRONMENT, variable, 0, 0);
  }

  static Origin commandLine(String key) {
    return new Origin(Source.COMMAND_LINE, key, 0, 0);
  }

  /** Whether the text there is one line of YAML and not part of a file. */
  boolean isInline() {
    return source != Source.FILE;
  }

  /** As it stands before a problem: {@code baton.yaml:3:9}, {@code --set a.b}, ... */
  @Override
  public String toString() {
    return switch (source) {
      case DEFAULT -> "default";
      case FILE -> name + ":" + line + ":" + column;
      case ENVIRONMENT -> "environment " + name;
      case COMMAND_LINE -> "--set " + name;
    };
  }
}
