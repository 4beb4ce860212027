package io.baton.prompt.template;

/** Bounds what one rendering may do, whoever wrote the template. */
final class Budget {
  private static final int MAX_STEPS = 2_000_000;
  private static final int MAX_OUTPUT = 64 << 20;
  private static final int MAX_CALLS = 60;

  private int steps;
  private int output;
  private int calls;

  void step() throws TemplateException {
    if (++steps > MAX_STEPS) {
      throw new TemplateException("the template runs for too long", false, 0);
    }
  }

  void output(int characters) throws TemplateException {
    output += characters;
    if (output > MAX_OUTPUT) {
      throw new TemplateException("the template writes too much", false, 0);
    }
  }

  void enter() throws TemplateException {
    if (++calls > MAX_CALLS) {
      throw new TemplateException("macros call each other too deeply", false, 0);
    }
  }

  void leave() {
    calls--;
  }
}
