package io.baton.bridge;

import io.baton.telemetry.slices.TraceHeader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An engine that takes the client's JSON body as it came and gives its own chunks. */
public non-sealed interface OpenAiEngine extends Engine {

  /**
   * Starts a request and returns at once. All ends come through the sink.
   *
   * @param rid unique among the requests in flight
   * @param externalTraceHeader sent to the engine as HTTP headers; null: none
   */
  void generate(
      OpenAiRequest request,
      String rid,
      @Nullable TraceHeader externalTraceHeader,
      OpenAiSink sink);

  /**
   * A client's request.
   *
   * @param path `/v1/chat/completions`, `/v1/completions`
   * @param body the client's JSON
   * @param stream whether the body asks for SSE
   * @param requestId passed on as `x-request-id`
   * @param leg what to do; of a prefill leg only the end is told, not the answer
   * @param handoff how prefill and decode meet; empty for aggregated legs
   */
  record OpenAiRequest(
      String path,
      byte[] body,
      boolean stream,
      String requestId,
      TokenRequest.Leg leg,
      Optional<TokenRequest.Handoff> handoff) {}

  /** Hears of one request, one call at a time; must not block and must not throw. */
  interface OpenAiSink {
    /** The engine has answered with this HTTP status; a body or events follow. */
    void onStatus(int httpStatus);

    /**
     * Payload of one SSE event, without {@code data: } and never {@code [DONE]}.
     *
     * @return false if the sink's window is full: the engine's socket is not read on until {@link
     *     Demand#resume} is called
     */
    boolean onEvent(byte[] payload);

    /**
     * A piece of a unary answer's body, at most 256 KB.
     *
     * @return as for {@link #onEvent}
     */
    boolean onBodyPiece(byte[] piece);

    /** Where the sink may ask for more; called once, before anything else. */
    void onDemand(Demand demand);

    /** As {@link TokenSink#onHandoff}. */
    void onHandoff(byte[] parameters);

    /** The end, for requests that ran. Usage figures are -1 where the engine did not say. */
    void onFinished(Finish finish);

    /** The end, for requests that could not run. */
    void onFailed(EngineException error);
  }

  /** Reads the engine's socket on after a sink returned false. May be called from any thread. */
  @FunctionalInterface
  interface Demand {
    void resume();
  }
}
