package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.proto.v1.Sampling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a client asked of a model in the {@code tokens} form, validated, whichever surface it came
 * by.
 *
 * @param model as the client named it
 * @param inputs what to continue, at least one; {@link Output#made} choices of each
 * @param maxTokens most tokens of each choice; empty: as many as fit
 * @param stop stop strings
 * @param sampling in wire form, since it goes on as it is
 * @param rendering what the chat template is given beside the messages
 * @param format what the answer must follow; empty: nothing
 * @param asked the body, for surfaces that repeat it in their answers; missing for others
 */
public record GenerationRequest(
    Api api,
    String model,
    Output output,
    List<Input> inputs,
    OptionalInt maxTokens,
    List<String> stop,
    boolean ignoreEos,
    String cacheSalt,
    Sampling sampling,
    ToolUse tools,
    Rendering rendering,
    Optional<AnswerFormat> format,
    JsonNode asked) {

  /** The surfaces. */
  public enum Api {
    CHAT("/v1/chat/completions", "chat", "chatcmpl-"),
    COMPLETIONS("/v1/completions", "text_completion", "cmpl-"),
    MESSAGES("/v1/messages", "chat", "msg_"),
    RESPONSES("/v1/responses", "chat", "resp_"),
    COUNT_TOKENS("/v1/messages/count_tokens", "count_tokens", ""),
    TOKENIZE("/tokenize", "tokenize", ""),
    DETOKENIZE("/detokenize", "detokenize", ""),
    EMBEDDINGS("/v1/embeddings", "embeddings", "embd-"),
    RERANK("/v1/rerank", "rerank", "rerank-"),
    SCORE("/v1/score", "score", "score-");

    private final String path;
    private final String operation;
    private final String idPrefix;

    Api(String path, String operation, String idPrefix) {
      this.path = path;
      this.operation = operation;
      this.idPrefix = idPrefix;
    }

    public String path() {
      return path;
    }

    /** OpenTelemetry's {@code gen_ai.operation.name}. */
    public String operation() {
      return operation;
    }

    /** What the answer's id begins with. */
    public String idPrefix() {
      return idPrefix;
    }

    /** How its errors look. */
    public ErrorEnvelope envelope() {
      return this == MESSAGES || this == COUNT_TOKENS
          ? ErrorEnvelope.ANTHROPIC
          : ErrorEnvelope.OPENAI;
    }

    /** Whether an engine generates something; the others need only a tokenizer. */
    public boolean generates() {
      return this != COUNT_TOKENS && this != TOKENIZE && this != DETOKENIZE && !onlyPassedOn();
    }

    /** Whether only an engine can do it, from the client's own body. */
    public boolean onlyPassedOn() {
      return this == EMBEDDINGS || this == RERANK || this == SCORE;
    }

    /** Whether its events have names, and no {@code [DONE]} ends them. */
    public boolean namesEvents() {
      return this == MESSAGES || this == RESPONSES;
    }
  }

  /**
   * How the answer is to look.
   *
   * @param includeUsage whether a stream ends with usage
   * @param n choices shown per input
   * @param made choices made per input, of which the best are shown
   * @param showLogprobs whether log-probabilities are shown
   * @param echo whether each choice begins with its prompt
   */
  public record Output(
      boolean stream, boolean includeUsage, int n, int made, boolean showLogprobs, boolean echo) {
    /** One choice as one body. */
    public static final Output PLAIN = new Output(false, false, 1, 1, false, false);

    /** Whether log-probabilities of the prompts are shown. */
    boolean scored() {
      return echo && showLogprobs;
    }
  }

  /** The same request, with an answer that follows this. */
  public GenerationRequest following(AnswerFormat followed) {
    return new GenerationRequest(
        api,
        model,
        output,
        inputs,
        maxTokens,
        stop,
        ignoreEos,
        cacheSalt,
        sampling,
        tools,
        rendering,
        Optional.of(followed),
        asked);
  }

  /** Choices to be made, all inputs together. */
  public int choices() {
    return inputs.size() * output.made();
  }

  /** What the chat template is given beside the messages. */
  public Map<String, Object> templateVariables() {
    var variables = new LinkedHashMap<>(rendering.variables());
    if (tools.possible()) {
      variables.put("tools", tools.definitions());
    }
    return variables;
  }

  /** What to continue. */
  public sealed interface Input {
    /** A conversation, as plain maps, lists and strings for the chat template. */
    record Messages(List<Map<String, Object>> messages) implements Input {}

    /** Raw text. */
    record Text(String text) implements Input {}

    /** Raw text to whose tokens nothing is added. */
    record Exact(String text) implements Input {}

    /** Token ids; checked against the vocabulary by the tokenizer's owner. */
    @SuppressWarnings("ArrayRecordComponent")
    record Tokens(int[] ids) implements Input {}
  }
}
