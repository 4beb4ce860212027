package io.baton.gateway.api;

import io.baton.gateway.api.GenerationRequest.Output;

/** Which answer belongs to which request. */
public final class Answers {
  private Answers() {}

  /**
   * An answer in the shape that the request's surface has.
   *
   * @param echoed characters of each prompt that its choices begin with; empty without echo
   * @param reasoningField name of chat's member for reasoning
   */
  public static Answer of(
      GenerationRequest request,
      ResponseHead head,
      AnswerFrame frame,
      int[] echoed,
      String reasoningField) {
    Output output = request.output();
    boolean named = request.tools().choice() == ToolUse.Choice.NAMED;
    var style = new ChatStyle(reasoningField, named);
    return switch (request.api()) {
      case CHAT ->
          output.stream()
              ? new ChatEvents(head, frame, output.includeUsage(), style)
              : new ChatBody(head, frame, style);
      case COMPLETIONS ->
          output.stream()
              ? new CompletionEvents(head, frame, output.includeUsage())
              : new CompletionBody(head, frame, output, echoed);
      case MESSAGES ->
          output.stream() ? new MessagesEvents(head, frame) : new MessagesBody(head, frame);
      case RESPONSES ->
          output.stream()
              ? new ResponsesEvents(head, frame, request.asked())
              : new ResponsesBody(head, frame, request.asked());
      case COUNT_TOKENS, TOKENIZE, DETOKENIZE, EMBEDDINGS, RERANK, SCORE ->
          throw new IllegalArgumentException(request.api() + " generates nothing");
    };
  }
}
