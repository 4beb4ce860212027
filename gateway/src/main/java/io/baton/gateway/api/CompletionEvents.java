package io.baton.gateway.api;

import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;

/** A text completion as events, one chunk object each, with {@code [DONE]} at the end. */
final class CompletionEvents extends EventAnswer {
  private final boolean includeUsage;
  private final Buffer open;
  private final String close;

  /** Characters of each choice so far, for the offsets of its tokens. */
  private final Map<Integer, Integer> lengths = new HashMap<>();

  CompletionEvents(ResponseHead head, AnswerFrame frame, boolean includeUsage) {
    super(head, frame);
    this.includeUsage = includeUsage;
    this.open = Buffer.buffer(ChatEvents.chunkHead(frame, "text_completion"));
    this.close = includeUsage ? "],\"usage\":null}\n\n" : "]}\n\n";
  }

  @Override
  void begin(Buffer out) {
    // Completions have no role to tell.
  }

  @Override
  void write(int choice, Delta delta, Buffer out) {
    if (delta instanceof Delta.Text piece) {
      int offset = lengths.merge(choice, piece.text().length(), Integer::sum);
      out.appendBuffer(open).appendString("{\"index\":" + choice);
      ChatEvents.string(",\"text\":", piece.text(), out);
      out.appendString(",\"logprobs\":");
      LogprobsJson.completion(piece.logprobs(), offset - piece.text().length(), out);
      out.appendString(",\"finish_reason\":null}" + close);
    }
  }

  @Override
  void writeEnd(int choice, Ending ending, Buffer out) {
    out.appendBuffer(open)
        .appendString("{\"index\":" + choice + ",\"text\":\"\",\"logprobs\":null")
        .appendString(",\"finish_reason\":\"" + ending.reason().word() + "\"}" + close);
  }

  @Override
  void complete(AnswerUsage total, Buffer out) {
    if (includeUsage) {
      out.appendBuffer(open).appendString("],\"usage\":" + UsageJson.of(total) + "}\n\n");
    }
    out.appendString(ChatEvents.DONE);
  }

  @Override
  void writeError(ApiException error, Buffer out) {
    out.appendString("data: ")
        .appendBuffer(ErrorBody.of(error))
        .appendString("\n\n" + ChatEvents.DONE);
  }
}
