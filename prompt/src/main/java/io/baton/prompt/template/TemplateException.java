package io.baton.prompt.template;

/** A template that cannot be read or rendered. */
public final class TemplateException extends Exception {
  private final boolean raisedByTemplate;
  private final int line;

  /**
   * A failure.
   *
   * @param raisedByTemplate whether the template itself refuses its input, by {@code
   *     raise_exception}
   * @param line in the template, from 1; 0 if there is none
   */
  public TemplateException(String message, boolean raisedByTemplate, int line) {
    super(line > 0 && !raisedByTemplate ? message + " (template line " + line + ")" : message);
    this.raisedByTemplate = raisedByTemplate;
    this.line = line;
  }

  public boolean raisedByTemplate() {
    return raisedByTemplate;
  }

  public int line() {
    return line;
  }
}
