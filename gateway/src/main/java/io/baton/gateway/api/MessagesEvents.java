package io.baton.gateway.api;

import io.vertx.core.buffer.Buffer;

/** An Anthropic message as named events: blocks that begin, grow and stop. */
final class MessagesEvents extends EventAnswer {
  private enum Block {
    NONE,
    TEXT,
    THINKING,
    TOOL_USE
  }

  private Block block = Block.NONE;
  private int index = -1;
  private String stop = "";

  MessagesEvents(ResponseHead head, AnswerFrame frame) {
    super(head, frame);
  }

  private static void event(String type, String rest, Buffer out) {
    out.appendString("event: " + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n");
  }

  @Override
  void begin(Buffer out) {
    event(
        "message_start",
        ",\"message\":"
            + MessagesJson.head(frame)
            + ",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"
            + MessagesJson.usage(new AnswerUsage(frame.promptTokens(), 0, 0, 0))
            + "}",
        out);
  }

  @Override
  void write(int choice, Delta delta, Buffer out) {
    switch (delta) {
      case Delta.Text piece -> {
        to(Block.TEXT, "{\"type\":\"text\",\"text\":\"\"}", out);
        grow("text_delta", "text", piece.text(), out);
      }
      case Delta.Reasoning piece -> {
        to(Block.THINKING, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}", out);
        grow("thinking_delta", "thinking", piece.text(), out);
      }
      case Delta.CallBegin call -> {
        close(out);
        to(
            Block.TOOL_USE,
            "{\"type\":\"tool_use\",\"id\":%s,\"name\":%s,\"input\":{}}"
                .formatted(JsonText.quote(call.id()), JsonText.quote(call.name())),
            out);
      }
      case Delta.CallArguments piece -> grow("input_json_delta", "partial_json", piece.json(), out);
    }
  }

  private void to(Block next, String opening, Buffer out) {
    if (block == next) {
      return;
    }
    close(out);
    block = next;
    index++;
    event("content_block_start", ",\"index\":" + index + ",\"content_block\":" + opening, out);
  }

  private void grow(String type, String member, String text, Buffer out) {
    event(
        "content_block_delta",
        ",\"index\":%d,\"delta\":{\"type\":\"%s\",\"%s\":%s}"
            .formatted(index, type, member, JsonText.quote(text)),
        out);
  }

  private void close(Buffer out) {
    if (block != Block.NONE) {
      event("content_block_stop", ",\"index\":" + index, out);
      block = Block.NONE;
    }
  }

  @Override
  void writeEnd(int choice, Ending ending, Buffer out) {
    if (index < 0) {
      to(Block.TEXT, "{\"type\":\"text\",\"text\":\"\"}", out);
    }
    close(out);
    stop = MessagesJson.stop(ending);
  }

  @Override
  void complete(AnswerUsage total, Buffer out) {
    event("message_delta", ",\"delta\":{" + stop + "},\"usage\":" + MessagesJson.usage(total), out);
    event("message_stop", "", out);
  }

  @Override
  void writeError(ApiException error, Buffer out) {
    out.appendString("event: error\ndata: ")
        .appendBuffer(ErrorBody.anthropic(error, frame.id()))
        .appendString("\n\n");
  }
}
