package io.baton.gateway.api;

import io.baton.testkit.FuzzCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code ./baton test --fuzz} starts from and has found does no harm. */
class FuzzCorpusTest {
  static List<Path> requests() throws IOException {
    return FuzzCorpus.files("requests");
  }

  @ParameterizedTest
  @MethodSource("requests")
  void requestsAreReadOrRefused(Path file) throws IOException {
    RequestFuzz.fuzzerTestOneInput(Files.readAllBytes(file));
  }
}
