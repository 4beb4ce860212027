package io.baton.engine.cuda.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.baton.engine.EngineSettings.BackendKind;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.ModelException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code ./baton bench engine} promises without a GPU. */
class EngineBenchTest {
  private static final Path DEMO = Path.of("..", "models", "baton-demo");

  @Test
  void measuresTheCpuOverACheckpoint() {
    var out = new ByteArrayOutputStream();
    int status =
        run(
            out,
            new ByteArrayOutputStream(),
            "--engine,cpu,--batch,2,--context,32,--prompt,16,--model," + DEMO);
    assertThat(status).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("ceilings")
        .containsPattern("decode, batch 2, context 32: [1-9][0-9]* us a step")
        .containsPattern("prefill, 16 tokens: ");
  }

  @Test
  void saysWhatItExpects() {
    assertRefused("--engine,cpu", "--model: none (expected for cpu: a checkpoint's folder)");
    assertRefused("--engine,tpu", "--engine: tpu (expected: cuda or cpu)");
    assertRefused("--shape,gpt-9", "--shape: gpt-9 (expected: qwen3-0.6b, qwen3-8b, llama-3-8b)");
    assertRefused("--batch,0", "--batch: 0 (expected: numbers above 0)");
    assertRefused("--prompt,x", "--prompt: x (expected: whole numbers)");
    assertRefused("--fast,yes", "option: --fast (expected: as below)");
    assertRefused("--batch", "--batch: nothing follows (expected: a value)");
  }

  private static void assertRefused(String arguments, String message) {
    var err = new ByteArrayOutputStream();
    assertThat(run(new ByteArrayOutputStream(), err, arguments)).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(message).contains("usage:");
  }

  private static int run(ByteArrayOutputStream out, ByteArrayOutputStream err, String arguments) {
    return EngineBench.run(
        List.of(arguments.split(",")),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  /** The figures that the shapes are known by: 8.2 and 8.0 thousand million parameters. */
  @Test
  void countsWhatAStepReads() throws ModelException {
    Work qwen = Work.of(Shapes.QWEN3_8B, ElementType.BF16, ElementType.BF16);
    // Measured with the probe of this shape: 15.14 GB of weights a step.
    assertThat(qwen.weightBytes() / 1e9).isCloseTo(15.14, within(0.01));
    // K and V, 36 layers, 8 heads of 128, two bytes.
    assertThat(qwen.kvBytesPerToken()).isEqualTo(2L * 36 * 8 * 128 * 2);
    assertThat(qwen.decodeBytes(64, 1024))
        .isEqualTo(qwen.weightBytes() + 64.0 * 1024 * qwen.kvBytesPerToken());
    Work cpu = Work.of(Shapes.QWEN3_8B, ElementType.BF16, ElementType.F32);
    assertThat(cpu.kvBytesPerToken()).isEqualTo(2 * qwen.kvBytesPerToken());
  }

  /** One prompt of one token: every matrix once, and attention over half a pair. */
  @Test
  void countsWhatAPromptComputes() throws ModelException {
    Work work = Work.of(Shapes.QWEN3_8B, ElementType.BF16, ElementType.BF16);
    double attention = 2.0 * 36 * 32 * 128;
    assertThat(work.prefillOperations(1)).isEqualTo(work.weightBytes() + attention);
  }

  @Test
  void hasRoomForAllSequencesBesideTheLongestPrompt() {
    BenchOptions options =
        BenchOptions.parse(List.of("--batch", "1,64", "--context", "1024", "--prompt", "512,8192"));
    assertThat(options.engine()).isEqualTo(BackendKind.CUDA);
    assertThat(options.blocks()).isEqualTo(64 * (64 + 2) + 512 + 2);
    assertThat(options.positions()).isGreaterThanOrEqualTo(8192);
    assertThatThrownBy(() -> BenchOptions.parse(List.of("--context", "-1")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
