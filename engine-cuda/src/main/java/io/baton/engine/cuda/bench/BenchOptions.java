package io.baton.engine.cuda.bench;

import io.baton.engine.EngineSettings.BackendKind;
import io.baton.engine.EngineSettings.Gpu;
import io.baton.engine.model.ModelConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The command line of {@link EngineBench}.
 *
 * @param shapes measured if there is no checkpoint, by name
 * @param batches sequences that get their next token together
 * @param context tokens of each of them
 * @param prompts lengths of prompts
 */
record BenchOptions(
    BackendKind engine,
    List<String> shapes,
    Optional<Path> model,
    int[] batches,
    int context,
    int[] prompts,
    Gpu gpu) {

  /** By the names that the command line takes. */
  static final Map<String, ModelConfig> SHAPES = shapesByName();

  static final String USAGE =
      """
      usage: ./baton bench engine [--engine cuda|cpu] [--shape NAME[,NAME...] | --model FOLDER]
                                  [--batch N,...] [--context N] [--prompt N,...]
                                  [--type auto|bf16|f16|f32] [--binding auto|ffm|bytedeco] [--device N]
      Shapes (random weights, made on the device): qwen3-0.6b, qwen3-8b, llama-3-8b. cpu needs --model.\
      """;

  private static Map<String, ModelConfig> shapesByName() {
    var shapes = new LinkedHashMap<String, ModelConfig>();
    shapes.put("qwen3-0.6b", Shapes.QWEN3_0_6B);
    shapes.put("qwen3-8b", Shapes.QWEN3_8B);
    shapes.put("llama-3-8b", Shapes.LLAMA3_8B);
    return shapes;
  }

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if it makes no sense; the message says what was expected
   */
  static BenchOptions parse(List<String> arguments) {
    var given = new LinkedHashMap<String, String>();
    for (int i = 0; i < arguments.size(); i += 2) {
      if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException(
            arguments.get(i) + ": nothing follows (expected: a value)");
      }
      given.put(arguments.get(i), arguments.get(i + 1));
    }
    BackendKind engine = engine(take(given, "--engine", "cuda"));
    Optional<Path> model = Optional.ofNullable(given.remove("--model")).map(Path::of);
    boolean large = model.isEmpty();
    List<String> shapes = shapes(take(given, "--shape", String.join(",", SHAPES.keySet())));
    int[] batches = numbers("--batch", take(given, "--batch", large ? "1,8,64" : "1,8"));
    int context = numbers("--context", take(given, "--context", large ? "1024" : "256"))[0];
    int[] prompts = numbers("--prompt", take(given, "--prompt", large ? "512,2048,8192" : "512"));
    int device = Integer.parseInt(take(given, "--device", "0"));
    String binding = take(given, "--binding", "auto");
    String type = take(given, "--type", large ? "bf16" : "auto");
    if (!given.isEmpty()) {
      throw new IllegalArgumentException(
          "option: " + given.keySet().iterator().next() + " (expected: as below)");
    }
    if (engine == BackendKind.CPU && large) {
      throw new IllegalArgumentException("--model: none (expected for cpu: a checkpoint's folder)");
    }
    var gpu = new Gpu(device, binding, List.of(), 0.9, type, true, true);
    return new BenchOptions(engine, shapes, model, batches, context, prompts, gpu);
  }

  private static String take(Map<String, String> given, String name, String otherwise) {
    String value = given.remove(name);
    return value == null ? otherwise : value;
  }

  private static BackendKind engine(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "cuda" -> BackendKind.CUDA;
      case "cpu" -> BackendKind.CPU;
      default ->
          throw new IllegalArgumentException("--engine: " + name + " (expected: cuda or cpu)");
    };
  }

  private static List<String> shapes(String text) {
    List<String> names = List.of(text.split(","));
    for (String name : names) {
      if (!SHAPES.containsKey(name)) {
        throw new IllegalArgumentException(
            "--shape: " + name + " (expected: " + String.join(", ", SHAPES.keySet()) + ")");
      }
    }
    return names;
  }

  private static int[] numbers(String option, String text) {
    try {
      int[] numbers = Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
      if (Arrays.stream(numbers).allMatch(number -> number > 0)) {
        return numbers;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + ": " + text + " (expected: whole numbers)", e);
    }
    throw new IllegalArgumentException(option + ": " + text + " (expected: numbers above 0)");
  }

  /** The longest prompt, or none. */
  int longestPrompt() {
    return Arrays.stream(prompts).max().orElse(1);
  }

  int largestBatch() {
    return Arrays.stream(batches).max().orElse(1);
  }

  /** KV blocks that all of it needs. */
  int blocks() {
    return StepBench.blocks(largestBatch(), context) + StepBench.blocks(1, longestPrompt());
  }

  /** Tokens of the longest sequence, and some. */
  int positions() {
    return Math.max(context, longestPrompt()) + StepBench.BLOCK_SIZE;
  }
}
