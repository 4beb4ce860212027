package io.baton.gateway.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.gateway.api.ApiException;
import io.baton.gateway.api.SamplingDefaults;
import io.baton.gateway.api.ToolUse;
import io.baton.prompt.Detokenizer;
import io.baton.prompt.PromptFormat;
import io.baton.prompt.StopStrings;
import io.baton.prompt.reasoning.ReasoningFamily;
import io.baton.prompt.tools.ToolFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A model whose prompts this gateway reads and whose answers it writes. Thread-safe. */
public final class ServedModel {
  private final ModelCatalog.Entry entry;
  private final PromptFormat format;
  private final SamplingDefaults samplingDefaults;
  private final ToolFamily toolFamily;
  private final ReasoningFamily reasoningFamily;
  private final Set<String> shownMarkers;

  private ServedModel(
      ModelCatalog.Entry entry, PromptFormat format, SamplingDefaults samplingDefaults) {
    this.entry = entry;
    this.format = format;
    this.samplingDefaults = samplingDefaults;
    String template = format.templateSource();
    this.toolFamily = entry.toolFamily().orElseGet(() -> ToolFamily.of(template));
    this.reasoningFamily = entry.reasoningFamily().orElseGet(() -> ReasoningFamily.of(template));
    var markers = new HashSet<>(toolFamily.markers());
    markers.addAll(reasoningFamily.markers());
    this.shownMarkers = Set.copyOf(markers);
  }

  static ServedModel load(ModelCatalog.Entry entry) throws IOException {
    return new ServedModel(entry, PromptFormat.load(entry.path()), samplingDefaults(entry.path()));
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
    return entry.name();
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

  /** For one answer that is parsed: markers of calls and reasoning are shown to the parser. */
  public Detokenizer parsedDetokenizer() {
    return format.detokenizer(shownMarkers);
  }

  /** How it writes tool calls. */
  public ToolFamily toolFamily() {
    return toolFamily;
  }

  /** How it marks reasoning. */
  public ReasoningFamily reasoningFamily() {
    return reasoningFamily;
  }

  /** Further names. */
  public List<String> aliases() {
    return entry.aliases();
  }

  /** Who owns it, for lists of models. */
  public String owner() {
    return entry.owner();
  }

  /**
   * Refuses what this model cannot do with tools.
   *
   * @throws ApiException naming the parameter
   */
  public void checkTools(ToolUse tools) throws ApiException {
    if (tools.possible() && toolFamily == ToolFamily.NONE) {
      throw ApiException.unsupported(
          "tools",
          "tools: the chat template of this model has none (expected: absent, or tool_parser set for it)");
    }
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
