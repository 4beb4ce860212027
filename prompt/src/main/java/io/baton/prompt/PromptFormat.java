package io.baton.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.prompt.template.ChatTemplate;
import io.baton.prompt.template.RenderedPrompt;
import io.baton.prompt.template.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How one model is spoken to: its tokenizer, its chat template and the variables of that. */
public final class PromptFormat {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long CACHE_BYTES = 64L << 20;

  private final Path folder;
  private final TokenizerFile file;
  private final TokenEncoder encoder;
  private final TokenTable table;
  private final Optional<ChatTemplate> template;
  private final Map<String, Object> templateVariables;

  static {
    // The library would otherwise look for newer natives and models on the network.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private PromptFormat(
      Path folder,
      TokenizerFile file,
      TokenEncoder encoder,
      Optional<ChatTemplate> template,
      Map<String, Object> templateVariables) {
    this.folder = folder;
    this.file = file;
    this.encoder = encoder;
    this.table = TokenTable.of(file);
    this.template = template;
    this.templateVariables = templateVariables;
  }

  /**
   * Reads {@code tokenizer.json} and, where they exist, {@code tokenizer_config.json} and {@code
   * chat_template.jinja}.
   *
   * @throws IOException naming the file that is missing or wrong
   */
  public static PromptFormat load(Path folder) throws IOException {
    TokenizerFile file = TokenizerFile.read(folder);
    JsonNode config = optional(folder.resolve("tokenizer_config.json"));
    return new PromptFormat(
        folder,
        file,
        TokenEncoder.of(file, CACHE_BYTES),
        template(folder, config),
        templateVariables(config));
  }

  private static JsonNode optional(Path path) throws IOException {
    return Files.exists(path) ? JSON.readTree(path.toFile()) : JSON.missingNode();
  }

  private static Optional<ChatTemplate> template(Path folder, JsonNode config) throws IOException {
    Path beside = folder.resolve("chat_template.jinja");
    JsonNode inConfig = config.path("chat_template");
    String source = "";
    if (Files.exists(beside)) {
      source = Files.readString(beside);
    } else if (inConfig.isTextual()) {
      source = inConfig.textValue();
    } else {
      // Some models have several, by name.
      for (JsonNode named : inConfig) {
        if (named.path("name").asText().equals("default")) {
          source = named.path("template").asText();
        }
      }
    }
    if (source.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ChatTemplate.compile(source));
    } catch (TemplateException e) {
      throw new IOException(folder + ": chat template: " + e.getMessage(), e);
    }
  }

  /** Templates may write the names of special tokens by variables such as {@code bos_token}. */
  private static Map<String, Object> templateVariables(JsonNode config) {
    var variables = new HashMap<String, Object>();
    for (String name : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
      JsonNode token = config.path(name);
      String text = token.isObject() ? token.path("content").asText() : token.asText("");
      if (token.isObject() || token.isTextual()) {
        variables.put(name, text);
      }
    }
    return variables;
  }

  /**
   * A conversation as tokens' text.
   *
   * @param messages plain maps, lists and strings
   * @throws TemplateException if the template refuses the conversation, or there is none
   */
  public RenderedPrompt render(List<Map<String, Object>> messages) throws TemplateException {
    if (template.isEmpty()) {
      throw new TemplateException("this model has no chat template; use /v1/completions", true, 0);
    }
    var variables = new HashMap<>(templateVariables);
    variables.put("messages", messages);
    variables.put("add_generation_prompt", true);
    return template.get().render(variables);
  }

  /** Tokens of a rendered conversation. Off event loops for long ones. */
  public int[] encode(RenderedPrompt prompt) {
    return encoder.encode(prompt);
  }

  /**
   * Tokens of a raw prompt. It is its author's own text, so special tokens in it count, and those
   * that the model expects in front are added, as all engines do.
   */
  public int[] encodeRaw(String text) {
    return encoder.encodeRaw(text);
  }

  /** A detokenizer for one answer; special tokens are left out. */
  public Detokenizer detokenizer() {
    return file.byteLevel()
        ? new ByteLevelDetokenizer(table)
        : new WindowedDetokenizer(ids -> encoder.decode(ids, true));
  }

  /** Ids are below this. */
  public int vocabularySize() {
    return table.size();
  }

  /** SHA-256 of tokenizer.json, in hex: gateways and workers must agree on it. */
  public String tokenizerSha256() {
    return file.sha256();
  }

  /** The model's folder. */
  public Path folder() {
    return folder;
  }

  /** Runs of text whose tokens were remembered. */
  public long cacheHits() {
    return encoder.cache().hits();
  }

  /** Runs of text that had to be encoded. */
  public long cacheMisses() {
    return encoder.cache().misses();
  }
}
