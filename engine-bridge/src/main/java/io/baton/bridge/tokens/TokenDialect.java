package io.baton.bridge.tokens;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.server.ServerFacts;
import io.baton.telemetry.slices.TraceHeader;
import org.jspecify.annotations.Nullable;

/** How one kind of server takes and gives token ids. Stateless. */
public interface TokenDialect {
  /** Path of the server's route. */
  String path();

  /** The request as this server wants it. */
  byte[] body(
      TokenRequest request, String rid, @Nullable TraceHeader trace, ServerFacts facts);

  /**
   * Reads one event of the stream.
   *
   * @param told tokens told so far
   */
  Piece read(JsonNode event, int told);

  /**
   * What one event says.
   *
   * @param ids new tokens, a stop token at the end included
   * @param logprobs one per new token; null: none
   * @param end why it ends; null: it goes on
   */
  record Piece(int[] ids, @Nullable Logprobs logprobs, @Nullable End end) {}

  /** One entry per token, as in {@link io.baton.bridge.TokenSink.Logprobs}. */
  record Logprobs(float[] chosen, int[][] topIds, float[][] topLogprobs) {}

  /**
   * Why an answer ends.
   *
   * @param stopToken the token that stopped it, which is the last of the ids; -1: none
   * @param error what went wrong; empty: nothing
   */
  record End(boolean byLength, int stopToken, String error) {}
}
