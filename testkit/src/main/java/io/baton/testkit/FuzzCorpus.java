package io.baton.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Inputs that fuzzing starts from, and those it found worth keeping. */
public final class FuzzCorpus {
  private FuzzCorpus() {}

  /** The files for one target of the module that the test runs in. */
  public static List<Path> files(String target) throws IOException {
    Path folder = Path.of("src", "test", "resources", "fuzz", target);
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
