package io.baton.gateway.api;

import java.time.Duration;

/**
 * How requests are read and answers written, for all models.
 *
 * @param rejectUnknown whether parameters that nobody declared are refused
 * @param maxChoices most choices of one request, all prompts together
 * @param maxPromptTokens longest prompt; 0: what the model takes
 * @param maxAnswerTokens most tokens of all choices together, by what was asked; 0: no limit
 * @param keepAlive silence of an event stream after which a comment is sent; zero: never
 * @param reasoningField name of chat's member for reasoning
 */
public record ApiSettings(
    boolean rejectUnknown,
    int maxChoices,
    int maxPromptTokens,
    long maxAnswerTokens,
    Duration keepAlive,
    String reasoningField) {

  /**
   * Refuses requests for more than this gateway allows.
   *
   * @throws ApiException naming the limit and where it is set
   */
  public void checkChoices(GenerationRequest request) throws ApiException {
    if (request.choices() > maxChoices) {
      String param = request.inputs().size() > 1 ? "prompt" : "n";
      throw ApiException.overLimit(
          param,
          param + ": " + request.choices() + " choices in all",
          "limits.max_choices",
          maxChoices);
    }
    long asked = (long) request.maxTokens().orElse(0) * request.choices();
    if (maxAnswerTokens > 0 && asked > maxAnswerTokens) {
      throw ApiException.overLimit(
          "max_tokens",
          "max_tokens: " + asked + " tokens over all choices",
          "limits.max_answer_tokens",
          maxAnswerTokens);
    }
  }

  /**
   * Refuses a prompt that is longer than this gateway allows.
   *
   * @throws ApiException naming the limit and where it is set
   */
  public void checkPrompt(int tokens) throws ApiException {
    if (maxPromptTokens > 0 && tokens > maxPromptTokens) {
      throw ApiException.overLimit(
          "messages", "prompt: " + tokens + " tokens", "limits.max_prompt_tokens", maxPromptTokens);
    }
  }
}
