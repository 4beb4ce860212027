package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.gateway.api.CollectedChoice.Call;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A response as one object. */
final class ResponsesBody extends BodyAnswer {
  private static final String COMPLETED = "completed";

  private final ResponseJson json;

  ResponsesBody(ResponseHead head, AnswerFrame frame, JsonNode asked) {
    super(head, frame);
    this.json = new ResponseJson(frame, asked);
  }

  @Override
  void write(List<CollectedChoice> choices, AnswerUsage total, Buffer out) {
    CollectedChoice choice = choices.getFirst();
    Reason reason = choice.ending().reason();
    var items = new ArrayList<String>();
    if (!choice.reasoning.isEmpty()) {
      items.add(json.reasoning(items.size(), COMPLETED, choice.reasoning.toString()));
    }
    if (!choice.text.isEmpty() || choice.calls.isEmpty()) {
      String status = reason == Reason.LENGTH ? "incomplete" : COMPLETED;
      items.add(json.message(items.size(), status, choice.text.toString()));
    }
    for (Call call : choice.calls) {
      items.add(json.call(items.size(), COMPLETED, call.id, call.name, call.arguments.toString()));
    }
    out.appendString(json.response(reason, String.join(",", items), total));
  }
}
