package io.baton.engine.cuda.compile;

/** CUDA C that does not compile. The message holds the compiler's log. */
public final class CompileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CompileException(String message) {
    super(message);
  }
}
