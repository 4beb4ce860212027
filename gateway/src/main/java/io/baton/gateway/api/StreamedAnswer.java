package io.baton.gateway.api;

import io.baton.gateway.api.GenerationRequest.Api;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** An answer as server-sent events, one chunk object each, with {@code [DONE]} at the end. */
public final class StreamedAnswer implements Answer {
  private static final int CHUNK_OVERHEAD = 256;
  private static final String DONE = "data: [DONE]\n\n";

  private final ResponseHead head;
  private final Api api;
  private final boolean includeUsage;
  private final String frame;
  private final Buffer beforeText;
  private final Buffer afterText;
  private boolean committed;
  private int errorStatus;

  /**
   * Prepares the constant parts of every chunk.
   *
   * @param id of the answer, in every chunk
   * @param createdSeconds unix time
   */
  public StreamedAnswer(
      ResponseHead head,
      Api api,
      String id,
      String model,
      long createdSeconds,
      boolean includeUsage) {
    this.head = head;
    this.api = api;
    this.includeUsage = includeUsage;
    String object = api == Api.CHAT ? "chat.completion.chunk" : "text_completion";
    this.frame =
        "data: {\"id\":\"%s\",\"object\":\"%s\",\"created\":%d,\"model\":%s,"
            .formatted(id, object, createdSeconds, JsonText.quote(model));
    String open =
        api == Api.CHAT
            ? "\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
            : "\"choices\":[{\"index\":0,\"text\":\"";
    String close =
        (api == Api.CHAT ? "\"}" : "\"")
            + ",\"logprobs\":null,\"finish_reason\":null}]"
            + usageOfChunk()
            + "}\n\n";
    this.beforeText = Buffer.buffer(frame + open);
    this.afterText = Buffer.buffer(close);
  }

  /** With usage asked for, OpenAI sends {@code usage: null} in every chunk but the last. */
  private String usageOfChunk() {
    return includeUsage ? ",\"usage\":null" : "";
  }

  @Override
  public void text(String piece) {
    if (head.over()) {
      return;
    }
    Buffer out = Buffer.buffer(CHUNK_OVERHEAD + piece.length());
    commit(out);
    out.appendBuffer(beforeText);
    JsonText.escape(piece, out);
    out.appendBuffer(afterText);
    write(out);
  }

  private void commit(Buffer out) {
    if (committed) {
      return;
    }
    committed = true;
    head.beginEvents();
    if (api == Api.CHAT) {
      out.appendString(
          frame
              + "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
              + "\"logprobs\":null,\"finish_reason\":null}]"
              + usageOfChunk()
              + "}\n\n");
    }
  }

  @Override
  public Future<Void> finish(String finishReason, AnswerUsage usage) {
    if (head.over()) {
      return Future.succeededFuture();
    }
    Buffer out = Buffer.buffer(2 * CHUNK_OVERHEAD);
    commit(out);
    String empty = api == Api.CHAT ? "\"delta\":{}" : "\"text\":\"\"";
    out.appendString(
        frame
            + "\"choices\":[{\"index\":0,"
            + empty
            + ",\"logprobs\":null,\"finish_reason\":\""
            + finishReason
            + "\"}]"
            + usageOfChunk()
            + "}\n\n");
    if (includeUsage) {
      out.appendString(frame + "\"choices\":[],\"usage\":" + UsageJson.of(usage) + "}\n\n");
    }
    return head.response().end(out.appendString(DONE));
  }

  @Override
  public Future<Void> fail(ApiException error) {
    if (!committed) {
      errorStatus = error.status();
      return head.error(error);
    }
    if (head.over()) {
      return Future.succeededFuture();
    }
    Buffer out =
        Buffer.buffer("data: ").appendBuffer(ErrorBody.of(error)).appendString("\n\n" + DONE);
    return head.response().end(out);
  }

  private void write(Buffer out) {
    // A failed write means that the client is gone; the close handler tells the relay.
    head.response().write(out);
  }

  @Override
  public boolean committed() {
    return committed;
  }

  @Override
  public int status() {
    return errorStatus == 0 ? 200 : errorStatus;
  }

  @Override
  public boolean backlogged() {
    return committed && !head.over() && head.response().writeQueueFull();
  }

  @Override
  public void onWritable(Runnable callback) {
    head.response().drainHandler(v -> callback.run());
  }
}
