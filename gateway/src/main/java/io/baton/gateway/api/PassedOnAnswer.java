package io.baton.gateway.api;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * An engine's own answer, passed on: events as they are but for id and model, a body likewise, an
 * engine's error wrapped again in OpenAI's envelope with its status kept where it is the client's.
 */
public final class PassedOnAnswer implements Delivery {
  private static final int MAX_BODY_BYTES = 64 << 20;
  private static final String DONE = "data: [DONE]\n\n";

  private final ResponseHead head;
  private final IdentityRewriter rewriter;
  private final boolean stream;
  private final boolean namedEvents;
  private Buffer body = Buffer.buffer();
  private int engineStatus = 200;
  private int status = 200;
  private boolean committed;
  private boolean bodyTooLarge;

  /**
   * An answer that says its id is {@code id} and its model is {@code model}.
   *
   * @param namedEvents whether events bear the name of their type, and none says {@code [DONE]}
   */
  public PassedOnAnswer(
      ResponseHead head, String id, String model, boolean stream, boolean namedEvents) {
    this.namedEvents = namedEvents;
    this.head = head;
    this.rewriter = new IdentityRewriter(id, model);
    this.stream = stream;
  }

  /** Forgets what an attempt that failed has left; only before anything was written. */
  public void restart() {
    body = Buffer.buffer();
    bodyTooLarge = false;
    engineStatus = 200;
  }

  /** What the engine answered with; comes before everything else. */
  public void engineStatus(int httpStatus) {
    engineStatus = httpStatus;
  }

  /** Some events' payloads. */
  public void events(List<ByteString> payloads) {
    if (head.over()) {
      return;
    }
    if (!committed) {
      committed = true;
      head.beginEvents();
    }
    Buffer out = Buffer.buffer(256 * payloads.size());
    for (ByteString payload : payloads) {
      if (namedEvents) {
        out.appendString("event: " + EventType.of(payload.toByteArray()) + "\n");
      }
      out.appendString("data: ");
      rewriter.rewrite(payload.toByteArray(), out);
      out.appendString("\n\n");
    }
    head.wrote();
    head.response().write(out);
  }

  /** A piece of a body; also how an engine's error comes, whatever was asked for. */
  public void bodyPiece(ByteString piece) {
    if (body.length() + piece.size() > MAX_BODY_BYTES) {
      bodyTooLarge = true;
      return;
    }
    body.appendBytes(piece.toByteArray());
  }

  @Override
  public Future<Void> finish() {
    if (bodyTooLarge) {
      return fail(
          ApiException.workerFailed(
              "The engine's answer is larger than " + MAX_BODY_BYTES + " bytes.",
              "answer_too_large"));
    }
    if (engineStatus >= 400) {
      return fail(EngineErrors.wrap(engineStatus, body.getBytes()));
    }
    if (head.over()) {
      return Future.succeededFuture();
    }
    if (stream) {
      if (!committed) {
        committed = true;
        head.beginEvents();
      }
      head.quiet();
      return namedEvents ? head.response().end() : head.response().end(DONE);
    }
    committed = true;
    Buffer out = Buffer.buffer(body.length() + 64);
    rewriter.rewrite(body.getBytes(), out);
    return head.json(engineStatus, out);
  }

  @Override
  public Future<Void> fail(ApiException error) {
    if (!committed) {
      committed = true;
      status = error.status();
      return head.error(error);
    }
    if (head.over()) {
      return Future.succeededFuture();
    }
    head.quiet();
    return head.response()
        .end(Buffer.buffer("data: ").appendBuffer(ErrorBody.of(error)).appendString("\n\n" + DONE));
  }

  @Override
  public void commit() {
    if (stream && !committed && !head.over()) {
      committed = true;
      head.beginEvents();
      head.wrote();
      head.response().write(ResponseHead.keepAliveComment());
    }
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
    return committed && !head.over() && head.response().writeQueueFull();
  }

  @Override
  public void onWritable(Runnable callback) {
    head.onWritable(callback);
  }
}
