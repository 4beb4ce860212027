package io.baton.prompt.fuzz;

import io.baton.testkit.FuzzCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code ./baton test --fuzz} starts from and has found does no harm. */
class FuzzCorpusTest {
  static List<Path> answers() throws IOException {
    return FuzzCorpus.files("tool-parsers");
  }

  static List<Path> templates() throws IOException {
    return FuzzCorpus.files("templates");
  }

  @ParameterizedTest
  @MethodSource("answers")
  void answersAreRead(Path file) throws IOException {
    ToolParsersFuzz.fuzzerTestOneInput(Files.readAllBytes(file));
  }

  @ParameterizedTest
  @MethodSource("templates")
  void templatesAreRenderedOrRefused(Path file) throws IOException {
    TemplateFuzz.fuzzerTestOneInput(Files.readAllBytes(file));
  }
}
