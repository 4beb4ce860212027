package io.baton.gateway.api;

import io.baton.gateway.api.CollectedChoice.Call;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** A chat completion as one object. */
final class ChatBody extends BodyAnswer {
  private final ChatStyle style;

  ChatBody(ResponseHead head, AnswerFrame frame, ChatStyle style) {
    super(head, frame);
    this.style = style;
  }

  @Override
  void write(List<CollectedChoice> choices, AnswerUsage total, Buffer out) {
    out.appendString(
        "{\"id\":\"%s\",\"object\":\"chat.completion\",\"created\":%d,\"model\":%s,\"system_fingerprint\":\"%s\",\"choices\":["
            .formatted(
                frame.id(),
                frame.createdSeconds(),
                JsonText.quote(frame.model()),
                frame.fingerprint()));
    for (int i = 0; i < choices.size(); i++) {
      out.appendString((i == 0 ? "" : ",") + "{\"index\":" + i + ",\"message\":");
      message(choices.get(i), out);
      out.appendString(",\"logprobs\":");
      LogprobsJson.chat(choices.get(i).logprobs, out);
      out.appendString(
          ",\"finish_reason\":\"" + style.finishReason(choices.get(i).ending().reason()) + "\"}");
    }
    out.appendString("],\"usage\":" + UsageJson.of(total) + "}");
  }

  private void message(CollectedChoice choice, Buffer out) {
    out.appendString("{\"role\":\"assistant\",\"content\":");
    if (choice.text.isEmpty() && !choice.calls.isEmpty()) {
      out.appendString("null");
    } else {
      ChatEvents.string("", choice.text.toString(), out);
    }
    out.appendString(",\"refusal\":null");
    if (!choice.reasoning.isEmpty()) {
      ChatEvents.string(",\"" + style.reasoningField() + "\":", choice.reasoning.toString(), out);
    }
    if (!choice.calls.isEmpty()) {
      out.appendString(",\"tool_calls\":[");
      for (int i = 0; i < choice.calls.size(); i++) {
        Call call = choice.calls.get(i);
        ChatEvents.string(i == 0 ? "{\"id\":" : ",{\"id\":", call.id, out);
        ChatEvents.string(",\"type\":\"function\",\"function\":{\"name\":", call.name, out);
        ChatEvents.string(",\"arguments\":", call.arguments.toString(), out);
        out.appendString("}}");
      }
      out.appendString("]");
    }
    out.appendString("}");
  }
}
