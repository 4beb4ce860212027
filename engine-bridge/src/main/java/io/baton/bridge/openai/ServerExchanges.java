package io.baton.bridge.openai;

import io.baton.bridge.EngineException;
import io.baton.bridge.EngineException.Kind;
import io.baton.bridge.OpenAiEngine.OpenAiSink;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.bridge.server.ServerAddress;
import io.baton.bridge.server.SynthesisedSpans;
import io.baton.telemetry.slices.TraceHeader;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All requests in flight to one server, on one event loop of their own. Every method may be called
 * from any thread.
 */
public final class ServerExchanges implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerExchanges.class);
  private static final long CLOSE_SECONDS = 5;

  private final ServerAddress server;
  private final SynthesisedSpans spans;
  private final Vertx vertx;
  private final Context context;
  private final HttpClient client;
  private final Map<String, Exchange> exchanges = new ConcurrentHashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Opens nothing yet; connections come with requests. */
  public ServerExchanges(ServerAddress server, SynthesisedSpans spans) {
    this.server = server;
    this.spans = spans;
    this.vertx = Vertx.vertx();
    this.context = vertx.getOrCreateContext();
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setKeepAlive(true).setTcpNoDelay(true).setPipelining(false),
            new PoolOptions()
                .setHttp1MaxSize(server.maxRequests())
                .setMaxWaitQueueSize(server.maxRequests()));
  }

  /**
   * What is sent.
   *
   * @param requestId goes as {@code x-request-id}
   * @param hideUsage a last chunk of nothing but usage is for us, not for the client
   */
  public record Call(
      String path,
      byte[] body,
      String requestId,
      String rid,
      Leg leg,
      Optional<Handoff> handoff,
      boolean hideUsage) {}

  /** Starts a request and returns at once; all ends come through the sink. */
  public void start(Call call, @Nullable TraceHeader trace, OpenAiSink sink) {
    if (inFlight.incrementAndGet() > server.maxRequests()) {
      inFlight.decrementAndGet();
      sink.onFailed(
          new EngineException(
              Kind.BUSY, "requests at once: " + server.maxRequests() + " (the limit)", true));
      return;
    }
    OpenAiSink hearing = call.leg() == Leg.PREFILL ? new PrefillSink(sink) : sink;
    var exchange = new Exchange(server, call, trace, spans, hearing, () -> ended(call.rid()));
    exchanges.put(call.rid(), exchange);
    hearing.onDemand(() -> context.runOnContext(v -> exchange.resume()));
    context.runOnContext(v -> exchange.start(client));
  }

  private void ended(String rid) {
    exchanges.remove(rid);
    inFlight.decrementAndGet();
  }

  /**
   * Closes a request's socket; its sink hears that it was aborted.
   *
   * @return whether there was such a request
   */
  public boolean cancel(String rid) {
    Exchange exchange = exchanges.get(rid);
    if (exchange == null) {
      return false;
    }
    context.runOnContext(v -> exchange.cancel());
    return true;
  }

  /** Requests that have not ended. */
  public int inFlight() {
    return inFlight.get();
  }

  @Override
  public void close() {
    exchanges.values().forEach(exchange -> context.runOnContext(v -> exchange.cancel()));
    try {
      // Closes the client too. Chained after its close it would end on a loop that is gone by then.
      vertx.close().await(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.warn("connections to {} did not close within {} s", server.url(), CLOSE_SECONDS);
    }
  }
}
