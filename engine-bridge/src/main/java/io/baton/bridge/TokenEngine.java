package io.baton.bridge;

import io.baton.telemetry.slices.TraceHeader;
import org.jspecify.annotations.Nullable;

/** An engine that takes and gives token ids. Modelled on SGLang's {@code async_generate}. */
public non-sealed interface TokenEngine extends Engine {

  /**
   * Starts a request and returns at once. Refusals come through the sink like any other end, before
   * or after this returns.
   *
   * @param rid unique among the requests in flight, of fixed width
   * @param externalTraceHeader the caller's W3C context; the engine's spans hang below it. Null: no
   *     trace
   */
  void generate(
      TokenRequest request, String rid, @Nullable TraceHeader externalTraceHeader, TokenSink sink);
}
