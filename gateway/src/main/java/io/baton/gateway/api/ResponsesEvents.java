package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A response as numbered, named events: items that are added, grow and are done. */
final class ResponsesEvents extends EventAnswer {
  private enum Kind {
    NONE,
    MESSAGE,
    REASONING,
    CALL
  }

  private final ResponseJson json;
  private final List<String> done = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private Kind kind = Kind.NONE;
  private String callId = "";
  private String callName = "";
  private int sequence;
  private Reason reason = Reason.STOP;

  ResponsesEvents(ResponseHead head, AnswerFrame frame, JsonNode asked) {
    super(head, frame);
    this.json = new ResponseJson(frame, asked);
  }

  private void event(String type, String rest, Buffer out) {
    out.appendString(
        "event: %s\ndata: {\"type\":\"%s\",\"sequence_number\":%d%s}\n\n"
            .formatted(type, type, sequence++, rest));
  }

  @Override
  void begin(Buffer out) {
    String response = ",\"response\":" + json.response(null, "", null);
    event("response.created", response, out);
    event("response.in_progress", response, out);
  }

  @Override
  void write(int choice, Delta delta, Buffer out) {
    switch (delta) {
      case Delta.Text piece -> {
        to(Kind.MESSAGE, out);
        grow(
            "response.output_text.delta",
            "msg_",
            ",\"content_index\":0,\"logprobs\":[]",
            piece.text(),
            out);
      }
      case Delta.Reasoning piece -> {
        to(Kind.REASONING, out);
        grow("response.reasoning_text.delta", "rs_", ",\"content_index\":0", piece.text(), out);
      }
      case Delta.CallBegin call -> {
        close(out);
        callId = call.id();
        callName = call.name();
        to(Kind.CALL, out);
      }
      case Delta.CallArguments piece ->
          grow("response.function_call_arguments.delta", "fc_", "", piece.json(), out);
    }
  }

  private void grow(String type, String prefix, String more, String piece, Buffer out) {
    text.append(piece);
    event(type, place(prefix) + more + ",\"delta\":" + JsonText.quote(piece), out);
  }

  private String place(String prefix) {
    return ",\"item_id\":\"%s\",\"output_index\":%d"
        .formatted(json.itemId(prefix, done.size()), done.size());
  }

  private void to(Kind next, Buffer out) {
    if (kind == next) {
      return;
    }
    close(out);
    kind = next;
    int index = done.size();
    String item =
        switch (next) {
          case REASONING -> json.reasoning(index, "in_progress", null);
          case CALL -> json.call(index, "in_progress", callId, callName, "");
          default -> json.message(index, "in_progress", null);
        };
    event("response.output_item.added", ",\"output_index\":" + index + ",\"item\":" + item, out);
    if (next == Kind.MESSAGE) {
      event(
          "response.content_part.added",
          place("msg_") + ",\"content_index\":0,\"part\":" + ResponseJson.part(""),
          out);
    }
  }

  private void close(Buffer out) {
    if (kind == Kind.NONE) {
      return;
    }
    int index = done.size();
    String all = text.toString();
    String quoted = JsonText.quote(all);
    String item =
        switch (kind) {
          case REASONING -> {
            event(
                "response.reasoning_text.done",
                place("rs_") + ",\"content_index\":0,\"text\":" + quoted,
                out);
            yield json.reasoning(index, "completed", all);
          }
          case CALL -> {
            event(
                "response.function_call_arguments.done",
                place("fc_") + ",\"name\":" + JsonText.quote(callName) + ",\"arguments\":" + quoted,
                out);
            yield json.call(index, "completed", callId, callName, all);
          }
          default -> {
            event(
                "response.output_text.done",
                place("msg_") + ",\"content_index\":0,\"logprobs\":[],\"text\":" + quoted,
                out);
            event(
                "response.content_part.done",
                place("msg_") + ",\"content_index\":0,\"part\":" + ResponseJson.part(all),
                out);
            yield json.message(index, "completed", all);
          }
        };
    event("response.output_item.done", ",\"output_index\":" + index + ",\"item\":" + item, out);
    done.add(item);
    text.setLength(0);
    kind = Kind.NONE;
  }

  @Override
  void writeEnd(int choice, Ending ending, Buffer out) {
    if (kind == Kind.NONE && done.isEmpty()) {
      to(Kind.MESSAGE, out);
    }
    close(out);
    reason = ending.reason();
  }

  @Override
  void complete(AnswerUsage total, Buffer out) {
    String type = reason == Reason.LENGTH ? "response.incomplete" : "response.completed";
    event(type, ",\"response\":" + json.response(reason, String.join(",", done), total), out);
  }

  @Override
  void writeError(ApiException error, Buffer out) {
    String code = error.code() == null ? error.type() : error.code();
    event(
        "error",
        ",\"code\":%s,\"message\":%s,\"param\":null"
            .formatted(JsonText.quote(code), JsonText.quote(error.text())),
        out);
  }
}
