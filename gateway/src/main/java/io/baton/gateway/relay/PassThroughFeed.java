package io.baton.gateway.relay;

import io.baton.gateway.api.Delivery;
import io.baton.gateway.api.PassedOnAnswer;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.Tokens;
import java.util.Optional;

/** The engine's own chunks to the client, with the gateway's id and the client's model name. */
final class PassThroughFeed implements AnswerFeed {
  private final PassedOnAnswer answer;
  private int received;

  PassThroughFeed(PassedOnAnswer answer) {
    this.answer = answer;
    answer.restart();
  }

  @Override
  public void tokens(Tokens tokens) {
    throw new IllegalStateException("token chunk for a request in the openai form");
  }

  @Override
  public void openAi(OpenAiBytes bytes) {
    if (bytes.getStatus() != 0) {
      answer.engineStatus(bytes.getStatus());
    }
    if (bytes.getEventsCount() > 0) {
      received += bytes.getEventsCount();
      answer.events(bytes.getEventsList());
    }
    if (!bytes.getBodyPiece().isEmpty()) {
      answer.bodyPiece(bytes.getBodyPiece());
    }
  }

  @Override
  public boolean complete() {
    return false;
  }

  @Override
  public void finish(Finished finished) {
    // Its one choice is the whole answer, which the request itself finishes.
  }

  @Override
  public int received() {
    return received;
  }

  @Override
  public Optional<int[]> soFar() {
    return Optional.empty();
  }

  @Override
  public Delivery delivery() {
    return answer;
  }
}
