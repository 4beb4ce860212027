package io.baton.gateway.api;

import io.baton.gateway.api.Answer.AnswerUsage;

/** OpenAI's usage objects. */
final class UsageJson {
  private UsageJson() {}

  /** Of chat completions and completions. */
  static String of(AnswerUsage usage) {
    return ("{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":%d},"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":%d}}")
        .formatted(
            usage.promptTokens(),
            usage.completionTokens(),
            usage.promptTokens() + usage.completionTokens(),
            usage.cachedTokens(),
            usage.reasoningTokens());
  }
}
