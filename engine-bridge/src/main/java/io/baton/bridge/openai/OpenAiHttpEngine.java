package io.baton.bridge.openai;

import io.baton.bridge.OpenAiEngine;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.server.ServerBeside;
import io.baton.bridge.server.ServerEngine;
import io.baton.telemetry.slices.TraceHeader;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A server that speaks OpenAI's API, SGLang and vLLM among them. */
public final class OpenAiHttpEngine extends ServerEngine implements OpenAiEngine {
  private final ServerExchanges exchanges;

  /** Puts requests through to a server that has been asked what it is. */
  public OpenAiHttpEngine(ServerBeside server, ServerExchanges exchanges) {
    super(server);
    this.exchanges = exchanges;
  }

  @Override
  public void generate(
      OpenAiRequest request,
      String rid,
      @Nullable TraceHeader externalTraceHeader,
      OpenAiSink sink) {
    var call =
        new ServerExchanges.Call(
            request.path(),
            server.dialect().body(request, rid, server.facts()),
            // Some engines find the other leg's KV by it, so both legs must have the same.
            request.handoff().map(OpenAiHttpEngine::roomId).orElse(request.requestId()),
            rid,
            request.leg(),
            request.handoff(),
            server.dialect().asksForUsage() && EngineBodies.addsUsage(request));
    exchanges.start(call, externalTraceHeader, sink);
  }

  /** An id that both legs of a request share. */
  public static String roomId(Handoff handoff) {
    return HexFormat.of().toHexDigits(handoff.room());
  }

  @Override
  public void cancel(String rid) {
    if (exchanges.cancel(rid)) {
      server.abort(rid);
    }
  }

  @Override
  public void close() {
    exchanges.close();
    super.close();
  }
}
