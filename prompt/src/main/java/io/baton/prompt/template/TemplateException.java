package io.baton.prompt.template;

/** Temp. */
public final class TemplateException extends Exception {
  /** Temp. */
  public TemplateException(String m, boolean raised, int line) {
    super(m);
  }
}
