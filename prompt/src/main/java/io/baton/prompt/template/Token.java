package io.baton.prompt.template;

/**
 * A piece of an expression or statement.
 *
 * @param text operator, name, or number as written; of a string its unescaped content
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(String operatorOrName) {
    return (kind == Kind.OPERATOR || kind == Kind.NAME) && text.equals(operatorOrName);
  }

  @Override
  public String toString() {
    return kind == Kind.END
        ? "end of tag"
        : kind == Kind.STRING ? "string '" + text + "'" : "'" + text + "'";
  }
}
