package io.baton.gateway.api;

import io.baton.gateway.api.Answer.Reason;

/**
 * What chat completions say in their own way.
 *
 * @param reasoningField name of the member that reasoning goes into
 * @param named whether a named tool had to be called: OpenAI then says {@code stop}
 */
record ChatStyle(String reasoningField, boolean named) {
  String finishReason(Reason reason) {
    return (named && reason == Reason.TOOL_CALLS ? Reason.STOP : reason).word();
  }
}
