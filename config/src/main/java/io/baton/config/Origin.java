package io.baton.config;

/**
 * Where a value comes from, for people: {@code fleet.yaml:3:7}, {@code environment variable …},
 * {@code --set …}, {@code default}.
 */
public record Origin(String place) {
  static final Origin DEFAULT = new Origin("default");

  static Origin of(String file, int line, int column) {
    return new Origin(file + ":" + line + ":" + column);
  }

  @Override
  public String toString() {
    return place;
  }
}
