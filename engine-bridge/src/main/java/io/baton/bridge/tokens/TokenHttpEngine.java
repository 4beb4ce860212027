package io.baton.bridge.tokens;

import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.TokenEngine;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenSink;
import io.baton.bridge.openai.OpenAiHttpEngine;
import io.baton.bridge.openai.ServerExchanges;
import io.baton.bridge.server.ServerBeside;
import io.baton.telemetry.slices.TraceHeader;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A server that takes and gives token ids over HTTP. */
public final class TokenHttpEngine implements TokenEngine {
  private final ServerBeside server;
  private final ServerExchanges exchanges;
  private final TokenDialect dialect;

  /** Puts requests through to a server that has been asked what it is. */
  public TokenHttpEngine(ServerBeside server, ServerExchanges exchanges, TokenDialect dialect) {
    this.server = server;
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
  public EngineCard card() {
    return server.facts().card();
  }

  @Override
  public List<EngineLoad> load() {
    return server.load();
  }

  @Override
  public boolean healthy() {
    return server.healthy();
  }

  @Override
  public String nativeMetrics() {
    return server.metrics();
  }

  @Override
  public Map<String, LongSupplier> counters() {
    return server.counters();
  }

  @Override
  public void onKvEvents(KvEventListener listener) {
    server.onKvEvents(listener);
  }

  @Override
  public KvSnapshot kvSnapshot(int rank) {
    return server.kvSnapshot(rank);
  }

  @Override
  public void close() {
    exchanges.close();
    server.close();
  }
}
