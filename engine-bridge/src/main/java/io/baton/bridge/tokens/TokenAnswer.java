package io.baton.bridge.tokens;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.bridge.EngineException;
import io.baton.bridge.EngineException.Kind;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import io.baton.bridge.OpenAiEngine.Demand;
import io.baton.bridge.OpenAiEngine.OpenAiSink;
import io.baton.bridge.TokenSink;
import io.baton.bridge.openai.ServerErrors;
import io.baton.bridge.tokens.TokenDialect.End;
import io.baton.bridge.tokens.TokenDialect.Piece;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One answer of a server, from its events to tokens. Called by one exchange only. */
final class TokenAnswer implements OpenAiSink {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_ERROR_BYTES = 16 << 10;

  private final TokenDialect dialect;
  private final TokenSink sink;
  private final ByteArrayOutputStream errorBody = new ByteArrayOutputStream();
  private int status;
  private int told;
  private int stopToken = -1;
  private @Nullable End end;

  TokenAnswer(TokenDialect dialect, TokenSink sink) {
    this.dialect = dialect;
    this.sink = sink;
  }

  @Override
  public void onDemand(Demand demand) {
    // Tokens are joined, not held back: the engine never waits for a client.
  }

  @Override
  public void onStatus(int httpStatus) {
    status = httpStatus;
    if (httpStatus < 400) {
      sink.onAccepted(-1);
    }
  }

  @Override
  public boolean onEvent(byte[] payload) {
    JsonNode event;
    try {
      event = JSON.readTree(payload);
    } catch (IOException e) {
      end = new End(false, -1, "an event is no JSON: " + e.getMessage());
      return true;
    }
    Piece piece = dialect.read(event, told);
    if (piece.end() != null) {
      end = piece.end();
    }
    tell(piece);
    return true;
  }

  private void tell(Piece piece) {
    int[] ids = piece.ids();
    int count = ids.length;
    if (end != null && end.stopToken() >= 0 && count > 0 && ids[count - 1] == end.stopToken()) {
      stopToken = end.stopToken();
      count--;
    }
    told += ids.length;
    if (count == 0) {
      return;
    }
    var given = piece.logprobs();
    TokenSink.Logprobs logprobs =
        given == null || given.chosen().length < count
            ? null
            : new TokenSink.Logprobs(
                Arrays.copyOf(given.chosen(), count),
                Arrays.copyOf(given.topIds(), count),
                Arrays.copyOf(given.topLogprobs(), count));
    sink.onTokens(count == ids.length ? ids : Arrays.copyOf(ids, count), logprobs);
  }

  @Override
  public boolean onBodyPiece(byte[] piece) {
    errorBody.write(piece, 0, Math.min(piece.length, MAX_ERROR_BYTES - errorBody.size()));
    return true;
  }

  @Override
  public void onHandoff(byte[] parameters) {
    sink.onHandoff(parameters);
  }

  @Override
  public void onFinished(Finish finish) {
    FinishReason reason = finish.reason();
    if (status >= 400) {
      sink.onFailed(ServerErrors.of(status, errorBody.toString(StandardCharsets.UTF_8)));
    } else if (reason == FinishReason.ABORT || reason == FinishReason.HANDOFF) {
      sink.onFinished(finish);
    } else if (end == null) {
      sink.onFailed(
          new EngineException(Kind.ENGINE, "the engine's answer ended without a reason", false));
    } else if (!end.error().isEmpty()) {
      sink.onFailed(new EngineException(Kind.ENGINE, end.error(), false));
    } else {
      sink.onFinished(
          finish.because(end.byLength() ? FinishReason.LENGTH : FinishReason.STOP).stoppedBy(stopToken));
    }
  }

  @Override
  public void onFailed(EngineException error) {
    sink.onFailed(error);
  }
}
