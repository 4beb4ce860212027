package io.baton.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.prompt.template.ChatTemplate;
import io.baton.prompt.template.RenderedPrompt;
import io.baton.prompt.template.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
  private final TokenTable spelling;
  private final String templateSource;

  /** Made when somebody first asks: it is large and few do. */
  private volatile @Nullable Map<Integer, String> names;

  static {
    // The library would otherwise look for newer natives and models on the network.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private PromptFormat(
      Path folder,
      TokenizerFile file,
      TokenEncoder encoder,
      String templateSource,
      Optional<ChatTemplate> template,
      Map<String, Object> templateVariables) {
    this.folder = folder;
    this.templateSource = templateSource;
    this.spelling = TokenTable.spelling(file);
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
    String source = templateSource(folder, config);
    return new PromptFormat(
        folder,
        file,
        TokenEncoder.of(file, CACHE_BYTES),
        source,
        template(folder, source),
        templateVariables(config));
  }

  private static JsonNode optional(Path path) throws IOException {
    return Files.exists(path) ? JSON.readTree(path.toFile()) : JSON.missingNode();
  }

  private static String templateSource(Path folder, JsonNode config) throws IOException {
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
    return source;
  }

  private static Optional<ChatTemplate> template(Path folder, String source) throws IOException {
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
    return render(messages, Map.of());
  }

  /**
   * A conversation as tokens' text.
   *
   * @param messages plain maps, lists and strings
   * @param more further variables, such as {@code tools} or {@code enable_thinking}
   * @throws TemplateException if the template refuses the conversation, or there is none
   */
  public RenderedPrompt render(List<Map<String, Object>> messages, Map<String, Object> more)
      throws TemplateException {
    if (template.isEmpty()) {
      throw new TemplateException("this model has no chat template; use /v1/completions", true, 0);
    }
    var variables = new HashMap<>(templateVariables);
    variables.put("add_generation_prompt", true);
    variables.putAll(more);
    variables.put("messages", messages);
    return template.get().render(variables);
  }

  /** The chat template as it is written; empty if there is none. */
  public String templateSource() {
    return templateSource;
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

  /**
   * A detokenizer that shows some special tokens as text: those that mark tool calls and reasoning.
   *
   * @param shown contents of special tokens; ones that this model does not have are ignored
   */
  public Detokenizer detokenizer(Set<String> shown) {
    if (shown.isEmpty()) {
      return detokenizer();
    }
    if (file.byteLevel()) {
      return new ByteLevelDetokenizer(table.showing(file.addedTokens(), shown));
    }
    Set<Integer> hidden =
        file.addedTokens().stream()
            .filter(token -> token.special() && !shown.contains(token.content()))
            .map(TokenizerFile.AddedToken::id)
            .collect(Collectors.toSet());
    return new WindowedDetokenizer(ids ->
        encoder.decode(Arrays.stream(ids).filter(id -> !hidden.contains(id)).toArray(), false));
  }

  /** Text of some tokens, special ones included. */
  public String decode(int[] ids) {
    return encoder.decode(ids, false);
  }

  /** The bytes that a token stands for, perhaps part of a character; a special token's name. */
  public byte[] tokenBytes(int id) {
    return spelling.bytes(id);
  }

  /** A token as the vocabulary spells it; empty if there is none with this id. */
  public Optional<String> tokenName(int id) {
    return Optional.ofNullable(names().get(id));
  }

  private Map<Integer, String> names() {
    Map<Integer, String> known = names;
    if (known == null) {
      known = file.names();
      names = known;
    }
    return known;
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
