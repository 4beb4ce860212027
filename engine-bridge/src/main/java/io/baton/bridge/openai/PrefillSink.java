package io.baton.bridge.openai;

import io.baton.bridge.EngineException;
import io.baton.bridge.EngineException.Kind;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import io.baton.bridge.OpenAiEngine.Demand;
import io.baton.bridge.OpenAiEngine.OpenAiSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Between an exchange and the sink of a prefill leg: what the prefill engine answers is for nobody,
 * but a refusal must fail the leg at once, or the decode engine would wait minutes for KV that
 * never comes.
 */
final class PrefillSink implements OpenAiSink {
  private static final int MAX_ERROR_BYTES = 4096;

  private final OpenAiSink leg;
  private final ByteArrayOutputStream error = new ByteArrayOutputStream();
  private int status;

  PrefillSink(OpenAiSink leg) {
    this.leg = leg;
  }

  @Override
  public void onStatus(int httpStatus) {
    status = httpStatus;
    if (status < 400) {
      leg.onStatus(httpStatus);
    }
  }

  @Override
  public boolean onEvent(byte[] payload) {
    return true;
  }

  @Override
  public boolean onBodyPiece(byte[] piece) {
    if (status >= 400) {
      error.write(piece, 0, Math.min(piece.length, MAX_ERROR_BYTES - error.size()));
    }
    return true;
  }

  @Override
  public void onDemand(Demand demand) {
    // Never full.
  }

  @Override
  public void onHandoff(byte[] parameters) {
    leg.onHandoff(parameters);
  }

  @Override
  public void onFinished(Finish finish) {
    if (status >= 400) {
      leg.onFailed(ServerErrors.of(status, error.toString(StandardCharsets.UTF_8)));
    } else if (finish.reason() == FinishReason.ABORT) {
      leg.onFinished(finish);
    } else {
      leg.onFinished(finish.because(FinishReason.HANDOFF));
    }
  }

  @Override
  public void onFailed(EngineException failure) {
    leg.onFailed(
        failure.kind() == Kind.BUSY
            ? failure
            : new EngineException(
                failure.kind(), "prefill leg: " + failure.getMessage(), failure.untouched()));
  }
}
