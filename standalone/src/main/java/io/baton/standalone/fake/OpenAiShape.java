package io.baton.standalone.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Chunks and bodies of chat completions and completions, as both engines write them. */
final class OpenAiShape implements FakeStream.Shape {
  private final FakeServer server;
  private final String id;
  private final boolean chat;
  private final boolean includeUsage;
  private final boolean tokenIds;
  private final BiConsumer<ObjectNode, Finish> extras;

  OpenAiShape(
      FakeServer server,
      String id,
      boolean chat,
      JsonNode body,
      BiConsumer<ObjectNode, Finish> extras) {
    this.server = server;
    this.id = id;
    this.chat = chat;
    this.includeUsage = body.path("stream_options").path("include_usage").asBoolean();
    this.tokenIds = body.path("return_token_ids").asBoolean();
    this.extras = extras;
  }

  private ObjectNode head(String object) {
    return FakeServer.JSON
        .createObjectNode()
        .put("id", id)
        .put("object", object)
        .put("created", 1_800_000_000)
        .put("model", server.options.name());
  }

  private ObjectNode chunk(int[] all, int from, int to, String reason) {
    ObjectNode root = head(chat ? "chat.completion.chunk" : "text_completion");
    ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
    String text = server.detokenize(all, from, to);
    if (chat) {
      choice.putObject("delta").put("content", text);
    } else {
      choice.put("text", text);
    }
    ids(choice, all, from, to);
    if (reason.isEmpty()) {
      choice.putNull("finish_reason");
    } else {
      choice.put("finish_reason", reason);
    }
    return root;
  }

  private void ids(ObjectNode choice, int[] all, int from, int to) {
    if (tokenIds) {
      var ids = choice.putArray("token_ids");
      for (int i = from; i < to; i++) {
        ids.add(all[i]);
      }
    }
  }

  @Override
  public List<JsonNode> tokens(int[] all, int count, int fresh) {
    return List.of(chunk(all, count - fresh, count, ""));
  }

  @Override
  public List<JsonNode> end(int[] all, int count, Finish finish) {
    var events = new ArrayList<JsonNode>();
    // The token that stopped it is told by its id, as the real ones do.
    int[] last = finish.stopToken() >= 0 ? new int[] {finish.stopToken()} : new int[0];
    ObjectNode end = chunk(all, count, count, reason(finish));
    if (tokenIds && last.length > 0) {
      ids((ObjectNode) end.path("choices").path(0), last, 0, 1);
    }
    events.add(end);
    if (includeUsage) {
      ObjectNode root = head(chat ? "chat.completion.chunk" : "text_completion");
      root.putArray("choices");
      root.set("usage", usage(finish));
      extras.accept(root, finish);
      events.add(root);
    }
    return events;
  }

  @Override
  public JsonNode body(int[] all, int count, Finish finish) {
    ObjectNode root = head(chat ? "chat.completion" : "text_completion");
    ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
    String text = server.detokenize(all, 0, count);
    if (chat) {
      choice.putObject("message").put("role", "assistant").put("content", text);
    } else {
      choice.put("text", text);
    }
    ids(choice, all, 0, count);
    choice.put("finish_reason", reason(finish));
    root.set("usage", usage(finish));
    extras.accept(root, finish);
    return root;
  }

  private static String reason(Finish finish) {
    return finish.reason() == FinishReason.STOP ? "stop" : "length";
  }

  private static ObjectNode usage(Finish finish) {
    ObjectNode usage =
        FakeServer.JSON
            .createObjectNode()
            .put("prompt_tokens", finish.promptTokens())
            .put("completion_tokens", finish.completionTokens())
            .put("total_tokens", finish.promptTokens() + finish.completionTokens());
    usage
        .putObject("prompt_tokens_details")
        .put("cached_tokens", Math.max(0, finish.cachedTokens()));
    return usage;
  }

  @Override
  public JsonNode error(int status, String message) {
    return server.error(status, message);
  }
}
