package io.baton.gateway.http;

import io.baton.gateway.api.ApiException;
import io.baton.gateway.api.ErrorEnvelope;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.OpenApi;
import io.baton.gateway.api.ResponseHead;
import io.baton.gateway.auth.Access;
import io.baton.gateway.auth.Caller;
import io.baton.gateway.fleet.Fleet;
import io.baton.gateway.relay.Relay;
import io.baton.gateway.relay.RequestRelay;
import io.baton.gateway.relay.RouteExplain;
import io.baton.telemetry.Metrics;
import io.baton.telemetry.TraceParent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The public HTTP server: one instance per event loop, all on one port. A plain switch over paths;
 * the routes are few and fixed.
 */
public final class HttpFront extends VerticleBase {
  /** Small enough that a slow client's tokens wait in its window, not in our memory. */
  private static final int SEND_BUFFER_BYTES = 64 << 10;

  private static final int WRITE_QUEUE_BYTES = 64 << 10;
  private static final int MAX_LINE_BYTES = 8 << 10;
  private static final int MAX_REQUEST_ID = 128;
  private static final String MODELS = "/v1/models";

  /** Asked by orchestrators and scrapers, which have no key of a client. */
  private static final Set<String> OPEN_TO_ALL = Set.of("/live", "/ready", "/health", "/metrics");

  /**
   * Where to listen and what to take.
   *
   * @param maxBodyBytes larger bodies are refused with 413
   * @param bodyTimeout slower bodies are refused with 408
   * @param headerTimeout connections whose first request comes slower are closed
   * @param idleTimeout connections without a request for so long are closed
   * @param silence of a connection in the middle of a request, either way, after which it is closed
   * @param http2ClearText whether HTTP/2 is spoken without TLS; Vert.x then tells of a connection
   *     only with its first request, so that the header timeout does not hold for that
   * @param maxHeaderBytes of one request
   * @param maxInFlight requests at once; more are refused with 503
   * @param strictReadiness whether {@code /ready} is false whenever no model can be served
   * @param corsOrigins whose browsers may come; empty: CORS is off
   * @param tls empty: plain HTTP
   */
  public record Settings(
      String host,
      int port,
      long maxBodyBytes,
      Duration bodyTimeout,
      Duration headerTimeout,
      Duration idleTimeout,
      Duration silence,
      boolean http2ClearText,
      int maxHeaderBytes,
      int maxInFlight,
      boolean strictReadiness,
      List<String> corsOrigins,
      Optional<TlsFiles> tls) {}

  private static final Set<String> POSTS =
      Stream.concat(Stream.of("/v1/route/explain"), Arrays.stream(Api.values()).map(Api::path))
          .collect(Collectors.toUnmodifiableSet());

  private final Settings settings;
  private final Cors cors;
  private final Relay relay;
  private final Fleet fleet;
  private final Metrics metrics;
  private final Gate gate;
  private final Access access;
  private @Nullable HttpServer server;

  public HttpFront(
      Settings settings, Relay relay, Fleet fleet, Metrics metrics, Gate gate, Access access) {
    this.settings = settings;
    this.cors = new Cors(settings.corsOrigins());
    this.relay = relay;
    this.fleet = fleet;
    this.metrics = metrics;
    this.gate = gate;
    this.access = access;
  }

  /** Whether the gateway takes requests. */
  public interface Gate {
    /** False while it drains. */
    boolean open();

    /** Whether the broker is reachable. */
    boolean brokerConnected();
  }

  @Override
  public Future<?> start() {
    var options =
        new HttpServerOptions()
            .setTcpNoDelay(true)
            .setSendBufferSize(SEND_BUFFER_BYTES)
            .setIdleTimeout((int) settings.silence().toSeconds())
            .setHttp2ClearTextEnabled(settings.http2ClearText())
            .setMaxInitialLineLength(MAX_LINE_BYTES)
            .setMaxHeaderSize(settings.maxHeaderBytes())
            .setHandle100ContinueAutomatically(true);
    settings.tls().ifPresent(files -> files.into(options));
    LoopDelay.measure(vertx, metrics);
    var watch = new ConnectionWatch(vertx, settings.headerTimeout(), settings.idleTimeout());
    HttpServer created =
        vertx
            .createHttpServer(options)
            .connectionHandler(watch::opened)
            .invalidRequestHandler(this::malformed)
            .requestHandler(request -> {
              watch.requested(request);
              handle(request);
            });
    server = created;
    settings.tls().ifPresent(files -> files.follow(vertx, created));
    return created.listen(settings.port(), settings.host());
  }

  @Override
  public Future<?> stop() {
    return server == null ? Future.succeededFuture() : server.close();
  }

  /** The port, once started. */
  int port() {
    return server == null ? settings.port() : server.actualPort();
  }

  /** What is no HTTP request is told so, and its connection is closed. */
  private void malformed(HttpServerRequest request) {
    ApiException error =
        switch (request.decoderResult().cause()) {
          case TooLongHttpLineException e -> ApiException.longUrl(MAX_LINE_BYTES);
          case TooLongHttpHeaderException e -> ApiException.largeHeaders(settings.maxHeaderBytes());
          case null, default -> ApiException.malformedHttp();
        };
    request.response().putHeader("connection", "close");
    head(request).error(error).onComplete(written -> request.connection().close());
  }

  private void handle(HttpServerRequest request) {
    request.response().setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
    String path = path(request);
    cors.allow(request);
    if (request.method().equals(HttpMethod.OPTIONS)) {
      options(request, path);
      return;
    }
    Optional<Caller> known =
        OPEN_TO_ALL.contains(path) ? Optional.of(Caller.ANYBODY) : caller(request);
    known.ifPresent(caller -> answer(request, path, caller));
  }

  private void answer(HttpServerRequest request, String path, Caller caller) {
    switch (path) {
      case "/v1/chat/completions" -> generation(request, Api.CHAT, caller);
      case "/v1/completions" -> generation(request, Api.COMPLETIONS, caller);
      case "/v1/messages" -> generation(request, Api.MESSAGES, caller);
      case "/v1/messages/count_tokens" -> generation(request, Api.COUNT_TOKENS, caller);
      case "/v1/responses" -> generation(request, Api.RESPONSES, caller);
      case "/tokenize" -> generation(request, Api.TOKENIZE, caller);
      case "/detokenize" -> generation(request, Api.DETOKENIZE, caller);
      case "/v1/route/explain" -> explain(request, caller);
      case "/v1/embeddings" -> generation(request, Api.EMBEDDINGS, caller);
      case "/v1/rerank" -> generation(request, Api.RERANK, caller);
      case "/v1/score" -> generation(request, Api.SCORE, caller);
      case MODELS -> get(request, () -> ModelsBody.list(fleet.modelViews()));
      case "/openapi.json" -> get(request, OpenApi::document);
      case "/live" -> get(request, () -> StatusBody.live());
      case "/health" -> get(request, () -> StatusBody.health(fleet, relay, gate));
      case "/ready" -> ready(request);
      case "/metrics" -> metrics(request);
      default -> {
        if (path.startsWith(MODELS + "/")) {
          model(request, path.substring(MODELS.length() + 1));
        } else {
          refuse(request, ApiException.unknownRoute(request.method().name(), path));
        }
      }
    }
  }

  /** Who asks; without a valid key the request is answered here. */
  private Optional<Caller> caller(HttpServerRequest request) {
    try {
      return Optional.of(
          access.caller(request.getHeader("authorization"), request.getHeader("x-api-key")));
    } catch (ApiException e) {
      refuse(request, e);
      return Optional.empty();
    }
  }

  private void generation(HttpServerRequest request, Api api, Caller caller) {
    if (!request.method().equals(HttpMethod.POST)) {
      refuse(request, ApiException.wrongMethod(request.method().name(), path(request), "POST"));
      return;
    }
    String id = requestId(request);
    if (!gate.open()) {
      // Balancers send no new connections by now; who kept one is served once more and told to
      // leave.
      request.response().putHeader("connection", "close");
    }
    if (relay.inFlight() >= settings.maxInFlight()) {
      var full =
          ApiException.unavailable(
              "This gateway works on "
                  + settings.maxInFlight()
                  + " requests, its limit (limits.max_in_flight). Try again.",
              1);
      RequestRelay.refuse(relay, context, request, api, id, full);
      return;
    }
    new BodyReader(vertx, context, request, settings.maxBodyBytes(), settings.bodyTimeout())
        .read(
            body -> RequestRelay.accept(relay, context, request, api, id, caller, body),
            error -> RequestRelay.refuse(relay, context, request, api, id, error));
  }

  /** Where a request would go; for those who may steer routing, since it tells of the fleet. */
  private void explain(HttpServerRequest request, Caller caller) {
    if (!request.method().equals(HttpMethod.POST)) {
      refuse(request, ApiException.wrongMethod(request.method().name(), path(request), "POST"));
      return;
    }
    var explain = new RouteExplain(relay);
    new BodyReader(vertx, context, request, settings.maxBodyBytes(), settings.bodyTimeout())
        .read(
            body ->
                vertx
                    .executeBlocking(() -> {
                      relay.routes().rules().steering().check(caller, "Explanations of routing");
                      var wishes = relay.routes().wishes(request.headers()::get, caller);
                      return explain.explain(body, wishes);
                    })
                    .onSuccess(json -> head(request).json(200, Buffer.buffer(json)))
                    .onFailure(e ->
                        refuse(
                            request,
                            e instanceof ApiException said ? said : ApiException.internal())),
            error -> refuse(request, error));
  }

  /** What may be done with a path; to browsers also whether they may. */
  private static void options(HttpServerRequest request, String path) {
    boolean posts = POSTS.contains(path);
    head(request).identify();
    request
        .response()
        .setStatusCode(204)
        .putHeader("allow", posts ? "POST, OPTIONS" : "GET, HEAD, OPTIONS")
        .end();
  }

  private void get(HttpServerRequest request, Supplier<Buffer> body) {
    if (isGet(request)) {
      head(request).json(200, body.get());
    }
  }

  private void model(HttpServerRequest request, String name) {
    if (!isGet(request)) {
      return;
    }
    String model;
    try {
      model = URLDecoder.decode(name, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      refuse(request, ApiException.unknownRoute(request.method().name(), path(request)));
      return;
    }
    Optional<Fleet.ModelView> found = fleet.modelView(model);
    if (found.isPresent()) {
      head(request).json(200, ModelsBody.one(found.get(), fleet));
    } else {
      refuse(request, fleet.refusal(model));
    }
  }

  private void ready(HttpServerRequest request) {
    if (isGet(request)) {
      String hindrance = hindrance();
      head(request).json(hindrance.isEmpty() ? 200 : 503, StatusBody.ready(hindrance));
    }
  }

  /**
   * Why a balancer should send nothing here; empty if it should. Once a model could be served, a
   * fleet that is away is no reason: what the gateway says of it is better than a balancer's 502.
   */
  private String hindrance() {
    if (!gate.open()) {
      return "draining";
    }
    if (!gate.brokerConnected()) {
      return "broker unreachable";
    }
    boolean served = settings.strictReadiness() ? fleet.ready() : fleet.everReady();
    return served ? "" : "no model can be served";
  }

  private void metrics(HttpServerRequest request) {
    if (isGet(request)) {
      head(request).identify();
      String type = Metrics.contentType(request.getHeader("accept"));
      request.response().putHeader("content-type", type).end(metrics.scrape(type));
    }
  }

  private boolean isGet(HttpServerRequest request) {
    if (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)) {
      return true;
    }
    refuse(request, ApiException.wrongMethod(request.method().name(), path(request), "GET, HEAD"));
    return false;
  }

  /** Empty for a request line without a path, which no route has. */
  private static String path(HttpServerRequest request) {
    String path = request.path();
    return path == null ? "" : path;
  }

  private static void refuse(HttpServerRequest request, ApiException error) {
    head(request).error(error);
  }

  /**
   * For answers that are no work: the caller's trace is named, or a new id, and no span is made.
   */
  private static ResponseHead head(HttpServerRequest request) {
    String traceId =
        TraceParent.parse(request.getHeader("traceparent"))
            .map(TraceParent::traceId)
            .orElseGet(TraceParent::newTraceId);
    return new ResponseHead(request.response(), requestId(request), traceId, ErrorEnvelope.OPENAI);
  }

  /** The client's id if it is short and printable, a new one otherwise. */
  private static String requestId(HttpServerRequest request) {
    String given = request.getHeader(ResponseHead.REQUEST_ID);
    if (given != null && isUsable(given)) {
      return given;
    }
    var random = ThreadLocalRandom.current();
    var hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }

  private static boolean isUsable(String id) {
    return !id.isEmpty()
        && id.length() <= MAX_REQUEST_ID
        && id.chars().allMatch(c -> c > ' ' && c < 127 && c != '"' && c != '\\');
  }
}
