package io.baton.gateway.admin;

import io.baton.gateway.api.ApiException;
import io.baton.gateway.auth.Access;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server for operators. Add routes, then {@link #start}; each handler runs on a virtual
 * thread of its own and may block.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int OFF = -1;
  private static final int MAX_BODY = 1 << 20;

  /** Answers a request; what it throws becomes 500. */
  @FunctionalInterface
  public interface Handler {
    AdminAnswer handle(AdminRequest request);
  }

  /**
   * Where to listen.
   *
   * @param port 0 takes a free one, -1 is off
   * @param key what {@code Authorization: Bearer} may carry, beside the operators' keys of the file
   */
  public record Settings(String host, int port, Optional<String> key) {}

  private record Route(Set<String> methods, String path, boolean prefix, Handler handler) {
    boolean matches(String asked) {
      return prefix ? asked.startsWith(path) : asked.equals(path);
    }
  }

  private final Vertx vertx;
  private final Settings settings;
  private final Access access;
  private final List<Route> routes = new ArrayList<>();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("baton-admin-", 0).factory());
  private @Nullable HttpServer server;

  /**
   * Not listening yet.
   *
   * @param access clients' keys, some of which are operators' too
   */
  public AdminServer(Vertx vertx, Settings settings, Access access) {
    this.vertx = vertx;
    this.settings = settings;
    this.access = access;
  }

  /** Adds a route for exactly this path. */
  public AdminServer route(Set<String> methods, String path, Handler handler) {
    routes.add(new Route(Set.copyOf(methods), path, false, handler));
    return this;
  }

  /** Adds a route for everything that begins with this path; ends with a slash. */
  public AdminServer routeBelow(Set<String> methods, String path, Handler handler) {
    routes.add(new Route(Set.copyOf(methods), path, true, handler));
    return this;
  }

  /**
   * Listens, unless the port is -1.
   *
   * @throws IllegalStateException if the port cannot be taken
   */
  public void start() {
    if (settings.port() == OFF) {
      return;
    }
    HttpServer created =
        vertx
            .createHttpServer(new HttpServerOptions().setTcpNoDelay(true))
            .requestHandler(this::on);
    try {
      created.listen(settings.port(), settings.host()).await();
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "admin.port: "
              + settings.port()
              + " cannot be listened on at "
              + settings.host()
              + " ("
              + e.getMessage()
              + "). Take another one, or -1 for none.",
          e);
    }
    server = created;
    LOG.info("admin server listens on {}:{}", settings.host(), created.actualPort());
  }

  private void on(HttpServerRequest http) {
    Buffer body = Buffer.buffer();
    http.handler(piece -> {
      if (body.length() <= MAX_BODY) {
        body.appendBuffer(piece);
      }
    });
    http.endHandler(end -> threads.execute(() -> answer(http, body)));
  }

  private void answer(HttpServerRequest http, Buffer body) {
    AdminAnswer answer;
    try {
      answer = handle(http, body);
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", http.method(), http.path(), e);
      answer = AdminAnswer.error(500, "This is a defect of the gateway; its log says more.");
    }
    http.response()
        .setStatusCode(answer.status())
        .putHeader("content-type", answer.contentType())
        .end(Buffer.buffer(answer.body()));
  }

  private AdminAnswer handle(HttpServerRequest http, Buffer body) {
    String path = http.path() == null ? "" : http.path();
    if (!authorised(http)) {
      return AdminAnswer.error(
          401, "Authorization: missing or wrong (expected: Bearer and the admin key)");
    }
    if (body.length() > MAX_BODY) {
      return AdminAnswer.error(413, "body: larger than " + MAX_BODY + " bytes");
    }
    String method = http.method().name();
    boolean known = false;
    for (Route route : routes) {
      if (route.matches(path)) {
        known = true;
        if (route.methods().contains(method)) {
          return route.handler().handle(request(http, route, path, body));
        }
      }
    }
    return known
        ? AdminAnswer.error(405, method + " is not what " + path + " takes")
        : AdminAnswer.error(404, path + ": no such route here");
  }

  private static AdminRequest request(
      HttpServerRequest http, Route route, String path, Buffer body) {
    String rest =
        route.prefix()
            ? URLDecoder.decode(path.substring(route.path().length()), StandardCharsets.UTF_8)
            : "";
    Map<String, String> query = new HashMap<>();
    http.params().forEach(entry -> query.putIfAbsent(entry.getKey(), entry.getValue()));
    return new AdminRequest(http.method().name(), path, rest, query, body.getBytes());
  }

  /** The admin server's own key, or one of the file of keys that says so; none set: everybody. */
  private boolean authorised(HttpServerRequest http) {
    if (settings.key().isEmpty() && !access.guarded()) {
      return true;
    }
    String given = String.valueOf(http.getHeader("authorization"));
    return settings.key().filter(key -> isSame(given, "Bearer " + key)).isPresent()
        || (access.guarded() && isAdmin(given));
  }

  private boolean isAdmin(String authorization) {
    try {
      return access.caller(authorization, null).admin();
    } catch (ApiException e) {
      return false;
    }
  }

  private static boolean isSame(String given, String wanted) {
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    threads.shutdown();
  }
}
