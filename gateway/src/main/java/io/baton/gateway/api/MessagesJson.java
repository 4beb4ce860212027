package io.baton.gateway.api;

import io.baton.gateway.api.Answer.AnswerUsage;
import io.baton.gateway.api.Answer.Ending;

/** The parts that Anthropic's messages share, streamed or not. */
final class MessagesJson {
  private MessagesJson() {}

  static String head(AnswerFrame frame) {
    return "{\"id\":%s,\"type\":\"message\",\"role\":\"assistant\",\"model\":%s"
        .formatted(JsonText.quote(frame.id()), JsonText.quote(frame.model()));
  }

  static String stop(Ending ending) {
    String reason =
        switch (ending.reason()) {
          case LENGTH -> "max_tokens";
          case TOOL_CALLS -> "tool_use";
          case STOP -> ending.stopString() == null ? "end_turn" : "stop_sequence";
        };
    String sequence = ending.stopString() == null ? "null" : JsonText.quote(ending.stopString());
    return "\"stop_reason\":\"" + reason + "\",\"stop_sequence\":" + sequence;
  }

  /** Cached tokens are counted apart from the other tokens of the prompt. */
  static String usage(AnswerUsage usage) {
    return "{\"input_tokens\":%d,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":%d,\"output_tokens\":%d}"
        .formatted(
            usage.promptTokens() - usage.cachedTokens(),
            usage.cachedTokens(),
            usage.completionTokens());
  }
}
