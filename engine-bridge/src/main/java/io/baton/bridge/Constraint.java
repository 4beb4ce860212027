package io.baton.bridge;

/**
 * What an answer must follow, as its author wrote it; each engine makes its own masks of it.
 *
 * @param text a schema, an expression or a grammar
 * @param answered so many of the prompt's last tokens are the beginning of the answer already
 */
public record Constraint(Kind kind, String text, int answered) {
  /** The notation. */
  public enum Kind {
    JSON_SCHEMA,
    /** Matches the answer as a whole. */
    REGEX,
    /** The engine's own notation of context-free grammars. */
    GRAMMAR
  }

  /** A constraint on an answer that has not begun. */
  public Constraint(Kind kind, String text) {
    this(kind, text, 0);
  }
}
