package io.baton.standalone.fake;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.bridge.EngineException;
import io.baton.bridge.Finish;
import io.baton.bridge.TokenSink;
import io.baton.standalone.fake.FakeOptions.Fault;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer on its way to the client: as events, or collected into one body. The shapes are the
 * server's own.
 */
final class FakeStream implements TokenSink {
  private static final int FAULT_AFTER = 3;

  /** How one server writes. */
  interface Shape {
    /** Events for new tokens. */
    List<JsonNode> tokens(int[] all, int count, int fresh);

    /** Events at the end. */
    List<JsonNode> end(int[] all, int count, Finish finish);

    /** The whole answer at once. */
    JsonNode body(int[] all, int count, Finish finish);

    /** An error in the server's own envelope. */
    JsonNode error(int status, String message);
  }

  private final FakeOptions options;
  private final Context context;
  private final HttpServerResponse response;
  private final boolean stream;
  private final Shape shape;
  private int[] all = new int[64];
  private int count;
  private boolean over;

  FakeStream(
      FakeOptions options,
      Context context,
      HttpServerResponse response,
      boolean stream,
      Shape shape) {
    this.options = options;
    this.context = context;
    this.response = response;
    this.stream = stream;
    this.shape = shape;
    if (stream) {
      response.setChunked(true).putHeader("content-type", "text/event-stream; charset=utf-8");
    }
  }

  @Override
  public void onAccepted(int cachedTokens) {}

  @Override
  public void onTokens(int[] ids, @Nullable Logprobs logprobs) {
    context.runOnContext(v -> tokens(ids));
  }

  private void tokens(int[] ids) {
    if (over) {
      return;
    }
    if (count + ids.length > all.length) {
      all = Arrays.copyOf(all, 2 * (count + ids.length));
    }
    System.arraycopy(ids, 0, all, count, ids.length);
    count += ids.length;
    if (options.has(Fault.STUCK) && count > FAULT_AFTER) {
      return;
    }
    if (stream) {
      shape.tokens(all, count, ids.length).forEach(this::event);
    }
    if (count > FAULT_AFTER && options.has(Fault.DIE)) {
      Runtime.getRuntime().halt(1);
    }
    if (count > FAULT_AFTER && options.has(Fault.LATE_ERROR)) {
      over = true;
      lateError(shape.error(500, "a fault that was asked for"));
    }
  }

  private void lateError(JsonNode error) {
    if (stream) {
      event(error);
      response.end("data: [DONE]\n\n");
    } else if (!response.closed()) {
      response.setStatusCode(500).end(error.toString());
    }
  }

  private void event(JsonNode event) {
    if (!response.closed() && !response.ended()) {
      response.write("data: " + event + "\n\n");
    }
  }

  /** The simulated engine hands over in rooms; a stand-in's parameters are its server's. */
  @Override
  public void onHandoff(byte[] parameters) {}

  @Override
  public void onFinished(Finish finish) {
    context.runOnContext(v -> finished(finish));
  }

  private void finished(Finish finish) {
    boolean stuck = options.has(Fault.STUCK) && count > FAULT_AFTER;
    if (over || response.closed() || stuck) {
      return;
    }
    over = true;
    if (stream) {
      shape.end(all, count, finish).forEach(this::event);
      response.end("data: [DONE]\n\n");
    } else {
      response
          .putHeader("content-type", "application/json")
          .end(shape.body(all, count, finish).toString());
    }
  }

  @Override
  public void onFailed(EngineException error) {
    context.runOnContext(v -> {
      if (over || response.closed()) {
        return;
      }
      over = true;
      int status = error.kind() == EngineException.Kind.INVALID_REQUEST ? 400 : 500;
      JsonNode body = shape.error(status, String.valueOf(error.getMessage()));
      if (stream) {
        event(body);
        response.end("data: [DONE]\n\n");
      } else {
        response.setStatusCode(status).end(body.toString());
      }
    });
  }
}
