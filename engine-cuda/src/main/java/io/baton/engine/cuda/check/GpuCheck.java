package io.baton.engine.cuda.check;

/**
 * One check.
 *
 * @param name short, unique, without spaces: {@code driver.memory}
 * @param promise what holds if it passes, for people
 */
public record GpuCheck(String name, String promise, Body body) {

  /** Passes unless it throws. */
  @FunctionalInterface
  public interface Body {
    void run(CheckContext context) throws Exception;
  }

  public GpuCheck {
    if (!name.matches("[a-z0-9._-]+")) {
      throw new IllegalArgumentException(
          "name of a check: " + name + " (expected: small letters, digits, '.', '_', '-')");
    }
  }
}
