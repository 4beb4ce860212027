package io.baton.engine;

import java.nio.file.Files;
import java.nio.file.Path;

/** The models that come with the project. */
public final class TestModels {
  private TestModels() {}

  /** Folder of a bundled model, e.g. {@code parity/qwen3}. */
  public static Path dir(String name) {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve("models"))) {
      Path parent = root.getParent();
      if (parent == null) {
        throw new IllegalStateException("no models folder above " + Path.of("").toAbsolutePath());
      }
      root = parent;
    }
    return root.resolve("models").resolve(name);
  }
}
