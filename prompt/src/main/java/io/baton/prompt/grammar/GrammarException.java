package io.baton.prompt.grammar;

/** A schema or expression that cannot be followed. The message begins with the place in it. */
public final class GrammarException extends Exception {
  private static final long serialVersionUID = 1;

  GrammarException(String place, String problem) {
    super(place + ": " + problem);
  }

  /** For a whole notation that is not known. */
  public static GrammarException unsupported(String what, String instead) {
    return new GrammarException("#", what + " are not supported (expected: " + instead + ")");
  }
}
