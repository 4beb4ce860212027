package io.baton.standalone.doctor;

/**
 * Something to know.
 *
 * @param where the server or worker
 * @param what in plain words
 * @param remedy the exact flag or setting
 */
record Finding(Severity severity, String where, String what, String remedy) {
  /** How bad it is. */
  enum Severity {
    WRONG,
    BETTER
  }

  static Finding wrong(String where, String what, String remedy) {
    return new Finding(Severity.WRONG, where, what, remedy);
  }

  static Finding better(String where, String what, String remedy) {
    return new Finding(Severity.BETTER, where, what, remedy);
  }

  @Override
  public String toString() {
    return (severity == Severity.WRONG ? "WRONG   " : "BETTER  ")
        + where
        + ": "
        + what
        + "\n        -> "
        + remedy;
  }
}
