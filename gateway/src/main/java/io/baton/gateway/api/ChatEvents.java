package io.baton.gateway.api;

import io.vertx.core.buffer.Buffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A chat completion as events, one chunk object each, with {@code [DONE]} at the end. */
final class ChatEvents extends EventAnswer {
  static final String DONE = "data: [DONE]\n\n";

  private final boolean includeUsage;
  private final ChatStyle style;
  private final Buffer open;
  private final String close;
  private final Set<Integer> begun = new HashSet<>();

  /**
   * Prepares the constant parts of every chunk.
   *
   * @param includeUsage whether the last chunk carries usage
   */
  ChatEvents(ResponseHead head, AnswerFrame frame, boolean includeUsage, ChatStyle style) {
    super(head, frame);
    this.includeUsage = includeUsage;
    this.style = style;
    this.open = Buffer.buffer(chunkHead(frame, "chat.completion.chunk"));
    // With usage asked for, OpenAI sends null in every chunk but the last.
    this.close = includeUsage ? "],\"usage\":null}\n\n" : "]}\n\n";
  }

  static String chunkHead(AnswerFrame frame, String object) {
    return "data: {\"id\":\"%s\",\"object\":\"%s\",\"created\":%d,\"model\":%s,\"system_fingerprint\":\"%s\",\"choices\":["
        .formatted(
            frame.id(),
            object,
            frame.createdSeconds(),
            JsonText.quote(frame.model()),
            frame.fingerprint());
  }

  @Override
  void begin(Buffer out) {
    // The role comes with each choice's first chunk.
  }

  @Override
  void write(int choice, Delta delta, Buffer out) {
    role(choice, out);
    openDelta(choice, out);
    List<TokenLogprob> logprobs = List.of();
    switch (delta) {
      case Delta.Text piece -> {
        string("\"content\":", piece.text(), out);
        logprobs = piece.logprobs();
      }
      case Delta.Reasoning piece ->
          string("\"" + style.reasoningField() + "\":", piece.text(), out);
      case Delta.CallBegin begin -> {
        out.appendString("\"tool_calls\":[{\"index\":" + begin.index());
        string(",\"id\":", begin.id(), out);
        string(",\"type\":\"function\",\"function\":{\"name\":", begin.name(), out);
        out.appendString(",\"arguments\":\"\"}}]");
      }
      case Delta.CallArguments piece -> {
        out.appendString("\"tool_calls\":[{\"index\":" + piece.index());
        string(",\"function\":{\"arguments\":", piece.json(), out);
        out.appendString("}}]");
      }
    }
    closeDelta(logprobs, "null", out);
  }

  private void role(int choice, Buffer out) {
    if (begun.add(choice)) {
      openDelta(choice, out);
      out.appendString("\"role\":\"assistant\",\"content\":\"\"");
      closeDelta(List.of(), "null", out);
    }
  }

  private void openDelta(int choice, Buffer out) {
    out.appendBuffer(open).appendString("{\"index\":" + choice + ",\"delta\":{");
  }

  private void closeDelta(List<TokenLogprob> logprobs, String finishReason, Buffer out) {
    out.appendString("},\"logprobs\":");
    LogprobsJson.chat(logprobs, out);
    out.appendString(",\"finish_reason\":" + finishReason + "}" + close);
  }

  @Override
  void writeEnd(int choice, Ending ending, Buffer out) {
    role(choice, out);
    openDelta(choice, out);
    closeDelta(List.of(), "\"" + style.finishReason(ending.reason()) + "\"", out);
  }

  @Override
  void complete(AnswerUsage total, Buffer out) {
    if (includeUsage) {
      out.appendBuffer(open).appendString("],\"usage\":" + UsageJson.of(total) + "}\n\n");
    }
    out.appendString(DONE);
  }

  @Override
  void writeError(ApiException error, Buffer out) {
    out.appendString("data: ").appendBuffer(ErrorBody.of(error)).appendString("\n\n" + DONE);
  }

  static void string(String before, String value, Buffer out) {
    out.appendString(before + "\"");
    JsonText.escape(value, out);
    out.appendString("\"");
  }
}
