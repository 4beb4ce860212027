package io.baton.gateway.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.gateway.api.SamplingDefaults;
import io.baton.prompt.Detokenizer;
import io.baton.prompt.PromptFormat;
import io.baton.prompt.StopStrings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A model whose prompts this gateway reads and whose answers it writes. Thread-safe. */
public final class ServedModel {
  private final String name;
  private final PromptFormat format;
  private final SamplingDefaults samplingDefaults;

  private ServedModel(String name, PromptFormat format, SamplingDefaults samplingDefaults) {
    this.name = name;
    this.format = format;
    this.samplingDefaults = samplingDefaults;
  }

  static ServedModel load(String name, Path folder) throws IOException {
    return new ServedModel(name, PromptFormat.load(folder), samplingDefaults(folder));
  }

  private static SamplingDefaults samplingDefaults(Path folder) throws IOException {
    Path file = folder.resolve("generation_config.json");
    if (!Files.exists(file)) {
      return SamplingDefaults.OPENAI;
    }
    JsonNode config = new ObjectMapper().readTree(file.toFile());
    if (config.has("do_sample") && !config.path("do_sample").asBoolean()) {
      return new SamplingDefaults(0, 1, 0);
    }
    return new SamplingDefaults(
        config.path("temperature").asDouble(SamplingDefaults.OPENAI.temperature()),
        config.path("top_p").asDouble(SamplingDefaults.OPENAI.topP()),
        config.path("top_k").asInt(SamplingDefaults.OPENAI.topK()));
  }

  public String name() {
    return name;
  }

  /** Its tokenizer and template. */
  public PromptFormat format() {
    return format;
  }

  /** What its makers recommend. */
  public SamplingDefaults samplingDefaults() {
    return samplingDefaults;
  }

  /** For one answer. */
  public Detokenizer detokenizer() {
    return format.detokenizer();
  }

  /** For one answer. */
  public StopStrings stopStrings(List<String> stops) {
    return new StopStrings(stops);
  }

  /** Changes with tokenizer or template, as then the same seed may give another answer. */
  public String fingerprint() {
    return "fp_"
        + Integer.toHexString((format.tokenizerSha256() + format.templateSource()).hashCode());
  }

  String tokenizerSha256() {
    return format.tokenizerSha256();
  }
}
