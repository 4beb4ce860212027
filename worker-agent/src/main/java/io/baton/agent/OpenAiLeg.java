package io.baton.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.baton.bridge.EngineException;
import io.baton.bridge.Finish;
import io.baton.bridge.OpenAiEngine.Demand;
import io.baton.bridge.OpenAiEngine.OpenAiSink;
import io.baton.proto.v1.OpenAiBytes;

/**
 * The answer of a leg in the {@code openai} form. When the client's window is full the engine's
 * socket is not read until it opens again.
 */
final class OpenAiLeg implements OpenAiSink {
  private final LegContext leg;
  private int statusToTell;

  OpenAiLeg(LegContext leg) {
    this.leg = leg;
  }

  @Override
  public void onDemand(Demand demand) {
    leg.replies().onWritable(demand::resume);
  }

  @Override
  public void onStatus(int httpStatus) {
    leg.replies().accepted(-1);
    statusToTell = httpStatus;
  }

  @Override
  public boolean onEvent(byte[] payload) {
    return send(OpenAiBytes.newBuilder().addEvents(owned(payload)));
  }

  @Override
  public boolean onBodyPiece(byte[] piece) {
    return send(OpenAiBytes.newBuilder().setBodyPiece(owned(piece)));
  }

  private boolean send(OpenAiBytes.Builder bytes) {
    bytes.setStatus(statusToTell);
    statusToTell = 0;
    return leg.replies().openAi(bytes.build());
  }

  /** The sink's contract gives the array away, so it need not be copied. */
  private static ByteString owned(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  @Override
  public void onHandoff(byte[] parameters) {
    leg.handoff(parameters);
  }

  @Override
  public void onFinished(Finish finish) {
    leg.finished(finish);
  }

  @Override
  public void onFailed(EngineException error) {
    leg.failed(error);
  }
}
