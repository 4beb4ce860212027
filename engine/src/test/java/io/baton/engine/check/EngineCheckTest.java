package io.baton.engine.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.engine.TestModels;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine computes what the reference computed. */
class EngineCheckTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"baton-demo", "parity/qwen3", "parity/llama", "parity/qwen2", "parity/mistral"})
  void logitsAndGreedyIdsAreTheReferences(String model) {
    var out = new StringWriter();
    int status = EngineCheck.run(TestModels.dir(model), new PrintWriter(out));
    assertThat(status).as(out.toString()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"parity/qwen3", "parity/llama", "parity/qwen2", "parity/mistral"})
  void plainJavaAgreesToo(String model) {
    var out = new StringWriter();
    Path dir = TestModels.dir(model);
    int status = EngineCheck.run(dir, dir.resolve("golden.json"), false, new PrintWriter(out));
    assertThat(status).as(out.toString()).isZero();
    assertThat(out.toString()).contains("plain Java");
  }
}
