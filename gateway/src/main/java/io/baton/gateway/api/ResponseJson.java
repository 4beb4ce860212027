package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.gateway.api.Answer.AnswerUsage;
import io.baton.gateway.api.Answer.Reason;
import org.jspecify.annotations.Nullable;

/** OpenAI's response object and its items, which streams and bodies share. */
final class ResponseJson {
  private final AnswerFrame frame;
  private final JsonNode asked;

  /** For a request whose parameters the response repeats. */
  ResponseJson(AnswerFrame frame, JsonNode asked) {
    this.frame = frame;
    this.asked = asked;
  }

  /**
   * The whole object.
   *
   * @param reason how it ended; null while it goes on
   * @param output items, joined by commas
   */
  String response(@Nullable Reason reason, String output, @Nullable AnswerUsage usage) {
    boolean cut = reason == Reason.LENGTH;
    String status = reason == null ? "in_progress" : cut ? "incomplete" : "completed";
    return "{\"id\":"
        + JsonText.quote(frame.id())
        + ",\"object\":\"response\",\"created_at\":"
        + frame.createdSeconds()
        + ",\"status\":\""
        + status
        + "\",\"error\":null,\"incomplete_details\":"
        + (cut ? "{\"reason\":\"max_output_tokens\"}" : "null")
        + ",\"model\":"
        + JsonText.quote(frame.model())
        + ",\"output\":["
        + output
        + "],\"previous_response_id\":null,\"store\":false,\"truncation\":\"disabled\""
        + repeated("instructions", "null")
        + repeated("max_output_tokens", "null")
        + repeated("metadata", "{}")
        + repeated("parallel_tool_calls", "true")
        + repeated("reasoning", "{\"effort\":null,\"summary\":null}")
        + repeated("temperature", "1.0")
        + repeated("text", "{\"format\":{\"type\":\"text\"}}")
        + repeated("tool_choice", "\"auto\"")
        + repeated("tools", "[]")
        + repeated("top_p", "1.0")
        + repeated("user", "null")
        + ",\"usage\":"
        + (usage == null ? "null" : usage(usage))
        + "}";
  }

  private String repeated(String name, String absent) {
    JsonNode value = asked.path(name);
    boolean given = !value.isMissingNode() && !value.isNull();
    return ",\"" + name + "\":" + (given ? value.toString() : absent);
  }

  private static String usage(AnswerUsage usage) {
    return ("{\"input_tokens\":%d,\"input_tokens_details\":{\"cached_tokens\":%d},\"output_tokens\":%d,"
            + "\"output_tokens_details\":{\"reasoning_tokens\":%d},\"total_tokens\":%d}")
        .formatted(
            usage.promptTokens(),
            usage.cachedTokens(),
            usage.completionTokens(),
            usage.reasoningTokens(),
            usage.promptTokens() + usage.completionTokens());
  }

  /** Id of an item: unique within and across responses. */
  String itemId(String prefix, int index) {
    return prefix + frame.id().replace("resp_", "") + "_" + index;
  }

  String message(int index, String status, @Nullable String text) {
    return "{\"id\":\"%s\",\"type\":\"message\",\"status\":\"%s\",\"role\":\"assistant\",\"content\":[%s]}"
        .formatted(itemId("msg_", index), status, text == null ? "" : part(text));
  }

  static String part(String text) {
    return "{\"type\":\"output_text\",\"text\":"
        + JsonText.quote(text)
        + ",\"annotations\":[],\"logprobs\":[]}";
  }

  String reasoning(int index, String status, @Nullable String text) {
    String content =
        text == null ? "" : "{\"type\":\"reasoning_text\",\"text\":" + JsonText.quote(text) + "}";
    return "{\"id\":\"%s\",\"type\":\"reasoning\",\"status\":\"%s\",\"summary\":[],\"content\":[%s]}"
        .formatted(itemId("rs_", index), status, content);
  }

  String call(int index, String status, String callId, String name, String arguments) {
    return "{\"id\":\"%s\",\"type\":\"function_call\",\"status\":\"%s\",\"call_id\":%s,\"name\":%s,\"arguments\":%s}"
        .formatted(
            itemId("fc_", index),
            status,
            JsonText.quote(callId),
            JsonText.quote(name),
            JsonText.quote(arguments));
  }
}
