package io.baton.gateway.api;

import io.baton.proto.v1.Sampling;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a client asked of a model in the {@code tokens} form, validated.
 *
 * @param api which of the two surfaces it came by
 * @param model as the client named it
 * @param input messages, text or token ids
 * @param maxTokens most tokens of answer; empty: as many as fit
 * @param stop stop strings, at most 4
 * @param sampling in wire form, since it goes on as it is
 */
public record GenerationRequest(
    Api api,
    String model,
    boolean stream,
    boolean includeUsage,
    Input input,
    OptionalInt maxTokens,
    List<String> stop,
    boolean ignoreEos,
    String cacheSalt,
    Sampling sampling) {

  /** The surfaces. */
  public enum Api {
    CHAT("/v1/chat/completions", "chat", "chatcmpl-"),
    COMPLETIONS("/v1/completions", "text_completion", "cmpl-");

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
  }

  /** What to continue. */
  public sealed interface Input {
    /** A conversation, as plain maps, lists and strings for the chat template. */
    record Messages(List<Map<String, Object>> messages) implements Input {}

    /** Raw text. */
    record Text(String text) implements Input {}

    /** Token ids; checked against the vocabulary by the tokenizer's owner. */
    record Tokens(int[] ids) implements Input {}
  }
}
