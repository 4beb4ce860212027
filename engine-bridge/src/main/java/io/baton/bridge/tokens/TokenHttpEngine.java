package io.baton.bridge.tokens;

import io.baton.bridge.TokenEngine;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenSink;
import io.baton.bridge.openai.OpenAiHttpEngine;
import io.baton.bridge.openai.ServerExchanges;
import io.baton.bridge.server.ServerBeside;
import io.baton.bridge.server.ServerEngine;
import io.baton.telemetry.slices.TraceHeader;
import org.jspecify.annotations.Nullable;

/** A server that takes and gives token ids over HTTP. */
public final class TokenHttpEngine extends ServerEngine implements TokenEngine {
  private final ServerExchanges exchanges;
  private final TokenDialect dialect;

  /** Puts requests through to a server that has been asked what it is. */
  public TokenHttpEngine(ServerBeside server, ServerExchanges exchanges, TokenDialect dialect) {
    super(server);
    this.exchanges = exchanges;
    this.dialect = dialect;
  }

  @Override
  public void generate(
      TokenRequest request, String rid, @Nullable TraceHeader externalTraceHeader, TokenSink sink) {
    var call =
        new ServerExchanges.Call(
            dialect.path(),
            dialect.body(request, rid, externalTraceHeader, server.facts()),
            request.handoff().map(OpenAiHttpEngine::roomId).orElse(rid),
            rid,
            request.leg(),
            request.handoff(),
            false);
    exchanges.start(call, externalTraceHeader, new TokenAnswer(dialect, sink));
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
