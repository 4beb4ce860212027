package io.baton.gateway.api;

import io.baton.gateway.api.CollectedChoice.Call;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** An Anthropic message as one object. */
final class MessagesBody extends BodyAnswer {
  MessagesBody(ResponseHead head, AnswerFrame frame) {
    super(head, frame);
  }

  @Override
  void write(List<CollectedChoice> choices, AnswerUsage total, Buffer out) {
    CollectedChoice choice = choices.getFirst();
    var blocks = new ArrayList<String>();
    if (!choice.reasoning.isEmpty()) {
      blocks.add(
          "{\"type\":\"thinking\",\"thinking\":%s,\"signature\":\"\"}"
              .formatted(JsonText.quote(choice.reasoning.toString())));
    }
    if (!choice.text.isEmpty() || choice.calls.isEmpty()) {
      blocks.add(
          "{\"type\":\"text\",\"text\":%s}".formatted(JsonText.quote(choice.text.toString())));
    }
    for (Call call : choice.calls) {
      blocks.add(
          "{\"type\":\"tool_use\",\"id\":%s,\"name\":%s,\"input\":%s}"
              .formatted(
                  JsonText.quote(call.id),
                  JsonText.quote(call.name),
                  JsonText.objectOr(call.arguments.toString(), "{}")));
    }
    out.appendString(MessagesJson.head(frame))
        .appendString(",\"content\":[" + String.join(",", blocks) + "],")
        .appendString(MessagesJson.stop(choice.ending()))
        .appendString(",\"usage\":" + MessagesJson.usage(total) + "}");
  }
}
