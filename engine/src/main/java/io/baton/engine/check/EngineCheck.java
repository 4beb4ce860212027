package io.baton.engine.check;

import java.io.PrintWriter;
import java.nio.file.Path;

/** {@code baton engine check DIR}: is what this checkpoint computes what the reference computed? */
public final class EngineCheck {
  private EngineCheck() {}

  /**
   * Runs all cases of {@code DIR/golden.json} (or {@code DIR/../golden/<name of DIR>.json}) and
   * prints the largest logit error and whether the greedy ids agree.
   *
   * @return exit status: 0 if everything agrees, 1 otherwise
   */
  public static int run(Path dir, PrintWriter out) {
    out.println(dir);
    return 1;
  }
}
