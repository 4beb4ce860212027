package io.baton.gateway.api;

import io.baton.gateway.api.GenerationRequest.Output;

/** Which answer belongs to which request. */
public final class Answers {
  private Answers() {}

  /**
   * An answer in the shape that the request's surface has.
   *
   * @param echoed characters of each prompt that its choices begin with; empty without echo
   */
  public static Answer of(
      GenerationRequest request, ResponseHead head, AnswerFrame frame, int[] echoed) {
    Output output = request.output();
    String reasoning = "reasoning_content";
    return switch (request.api()) {
      case CHAT ->
          output.stream()
              ? new ChatEvents(head, frame, output.includeUsage(), reasoning)
              : new ChatBody(head, frame, reasoning);
      case COMPLETIONS ->
          output.stream()
              ? new CompletionEvents(head, frame, output.includeUsage())
              : new CompletionBody(
                  head, frame, output.n(), output.made(), output.showLogprobs(), echoed);
    };
  }
}
