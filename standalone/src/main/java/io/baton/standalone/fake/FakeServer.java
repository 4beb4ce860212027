package io.baton.standalone.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.standalone.fake.FakeOptions.Fault;
import io.baton.standalone.fake.FakeRequest.BadRequestException;
import io.baton.telemetry.slices.TraceHeader;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What the two stand-ins' HTTP servers have in common. */
abstract class FakeServer implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BODY_BYTES = 64 << 20;

  final FakeOptions options;
  final FakeCore core;
  final Vertx vertx = Vertx.vertx();
  private final Set<HttpServerResponse> live = ConcurrentHashMap.newKeySet();
  private final HttpServer server;

  FakeServer(FakeOptions options, FakeCore core) {
    this.options = options;
    this.core = core;
    this.server =
        vertx.createHttpServer(new HttpServerOptions().setHost(options.host).setPort(options.port));
  }

  /**
   * Listens.
   *
   * @return the port
   * @throws IOException if it cannot
   */
  int start() throws IOException {
    try {
      server.requestHandler(this::handle).listen().await(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("--port: " + options.port + " cannot be listened on", e);
    }
    return server.actualPort();
  }

  private void handle(HttpServerRequest request) {
    if (request.method().name().equals("GET")) {
      get(request);
      return;
    }
    request
        .body()
        .onSuccess(bytes -> {
          try {
            if (bytes.length() > MAX_BODY_BYTES) {
              throw new BadRequestException("the body is too large");
            }
            JsonNode body =
                bytes.length() == 0 ? JSON.createObjectNode() : JSON.readTree(bytes.getBytes());
            if (path(request).equals("/fault")) {
              fault(request, body);
            } else {
              post(request, body);
            }
          } catch (BadRequestException e) {
            json(request, 400, error(400, String.valueOf(e.getMessage())));
          } catch (JsonProcessingException e) {
            json(request, 400, error(400, "no JSON: " + e.getOriginalMessage()));
          } catch (IOException e) {
            json(request, 500, error(500, String.valueOf(e.getMessage())));
          }
        });
  }

  /** Not of the servers: lets tests change what goes wrong while it runs. */
  private void fault(HttpServerRequest request, JsonNode body) throws BadRequestException {
    if (body.has("faults")) {
      var faults = new ArrayList<Fault>();
      for (JsonNode name : body.path("faults")) {
        try {
          faults.add(Fault.valueOf(name.asText().toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
          throw new BadRequestException(
              "faults: " + name + " (expected: some of " + Arrays.toString(Fault.values()) + ")");
        }
      }
      options.faults(faults);
    }
    if (!body.path("restart").asBoolean()) {
      text(request, "");
      return;
    }
    // As when a process ends: nobody hears how its requests would have gone on.
    live.forEach(HttpServerResponse::reset);
    vertx
        .executeBlocking(() -> {
          core.restart();
          return "";
        })
        .onSuccess(done -> text(request, done))
        .onFailure(e -> json(request, 500, error(500, String.valueOf(e.getMessage()))));
  }

  /** What both servers can do beside generating, over text alone. */
  final void other(HttpServerRequest request, JsonNode body) throws BadRequestException {
    var texts = new TextRoutes(core.format(), options.name());
    switch (path(request)) {
      case "/v1/embeddings" -> json(request, 200, texts.embeddings(body));
      case "/v1/rerank" -> json(request, 200, texts.rerank(body));
      case "/v1/score" -> json(request, 200, texts.score(body));
      default -> json(request, 404, error(404, "Not Found"));
    }
  }

  abstract void get(HttpServerRequest request);

  abstract void post(HttpServerRequest request, JsonNode body)
      throws BadRequestException, IOException;

  abstract JsonNode error(int status, String message);

  /**
   * Notes an answer while it is under way.
   *
   * @param whenEnded its last byte is written
   * @param whenClosed its client has left
   */
  void track(HttpServerRequest request, Runnable whenEnded, Runnable whenClosed) {
    HttpServerResponse response = request.response();
    live.add(response);
    response.endHandler(v -> {
      live.remove(response);
      whenEnded.run();
    });
    response.closeHandler(v -> {
      live.remove(response);
      whenClosed.run();
    });
  }

  /** Whether the request was refused on purpose. */
  boolean refused(HttpServerRequest request) {
    if (options.has(Fault.REFUSE)) {
      json(request, 503, error(503, "a refusal that was asked for"));
      return true;
    }
    return false;
  }

  static String path(HttpServerRequest request) {
    return java.util.Objects.requireNonNullElse(request.path(), "");
  }

  static void json(HttpServerRequest request, int status, JsonNode body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(body.toString());
  }

  static void text(HttpServerRequest request, String body) {
    request.response().putHeader("content-type", "text/plain; version=0.0.4").end(body);
  }

  /** The caller's context from HTTP headers; null: none. */
  static @Nullable TraceHeader trace(HttpServerRequest request) {
    String parent = request.getHeader("traceparent");
    String state = request.getHeader("tracestate");
    return parent == null || parent.length() != 55
        ? null
        : new TraceHeader(parent, state == null ? "" : state, 3);
  }

  static String randomId() {
    var random = ThreadLocalRandom.current();
    return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
  }

  String detokenize(int[] all, int from, int to) {
    var detokenizer = core.format().detokenizer();
    return detokenizer.append(java.util.Arrays.copyOfRange(all, from, to)) + detokenizer.flush();
  }

  ObjectNode models(String owner) {
    ObjectNode root = JSON.createObjectNode().put("object", "list");
    root.putArray("data")
        .addObject()
        .put("id", options.name())
        .put("object", "model")
        .put("owned_by", owner)
        .put("root", options.folder().toString())
        .put("max_model_len", options.blocks * options.blockSize);
    return root;
  }

  @Override
  public void close() {
    core.close();
    var _ = vertx.close();
  }
}
