package io.baton.gateway.api;

import io.baton.gateway.api.GenerationRequest.Api;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** An answer as one JSON object, written when it is complete. */
public final class UnaryAnswer implements Answer {
  private final ResponseHead head;
  private final Api api;
  private final String id;
  private final String model;
  private final long createdSeconds;
  private final StringBuilder text = new StringBuilder();
  private int status = 200;
  private boolean committed;

  /** Collects text; its length is bounded by the request's token limit. */
  public UnaryAnswer(ResponseHead head, Api api, String id, String model, long createdSeconds) {
    this.head = head;
    this.api = api;
    this.id = id;
    this.model = model;
    this.createdSeconds = createdSeconds;
  }

  @Override
  public void text(String piece) {
    text.append(piece);
  }

  @Override
  public Future<Void> finish(String finishReason, AnswerUsage usage) {
    committed = true;
    Buffer out = Buffer.buffer(512 + text.length());
    String object = api == Api.CHAT ? "chat.completion" : "text_completion";
    out.appendString(
        "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%d,\"model\":%s,\"choices\":[{\"index\":0,"
            .formatted(id, object, createdSeconds, JsonText.quote(model)));
    out.appendString(
        api == Api.CHAT ? "\"message\":{\"role\":\"assistant\",\"content\":\"" : "\"text\":\"");
    JsonText.escape(text.toString(), out);
    out.appendString(api == Api.CHAT ? "\",\"refusal\":null}" : "\"");
    out.appendString(",\"logprobs\":null,\"finish_reason\":\"" + finishReason + "\"}],\"usage\":");
    out.appendString(UsageJson.of(usage) + "}");
    return head.json(200, out);
  }

  @Override
  public Future<Void> fail(ApiException error) {
    committed = true;
    status = error.status();
    return head.error(error);
  }

  @Override
  public boolean committed() {
    return committed;
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public boolean backlogged() {
    return false;
  }

  @Override
  public void onWritable(Runnable callback) {
    callback.run();
  }
}
