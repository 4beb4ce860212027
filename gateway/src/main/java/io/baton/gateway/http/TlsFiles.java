package io.baton.gateway.http;

import io.baton.config.FileStamp;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificate and key of the public server, as PEM files. Certificates are renewed while servers
 * run: new connections get the new one, open ones go on.
 */
public record TlsFiles(Path certificate, Path key) {
  private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
  private static final long FOLLOW_MILLIS = 1_000;

  private PemKeyCertOptions pem() {
    return new PemKeyCertOptions().setCertPath(certificate.toString()).setKeyPath(key.toString());
  }

  void into(HttpServerOptions options) {
    options.setSsl(true).setUseAlpn(true).setKeyCertOptions(pem());
  }

  /** Reads the files again when they change. On the server's own event loop. */
  void follow(Vertx vertx, HttpServer server) {
    vertx.setPeriodic(
        FOLLOW_MILLIS,
        new io.vertx.core.Handler<Long>() {
          private List<FileStamp> seen = stamps();

          @Override
          public void handle(Long timer) {
            List<FileStamp> now = stamps();
            if (!now.equals(seen)) {
              seen = now;
              renew(server);
            }
          }
        });
  }

  private List<FileStamp> stamps() {
    return List.of(FileStamp.of(certificate), FileStamp.of(key));
  }

  private void renew(HttpServer server) {
    var options = new ServerSSLOptions();
    options.setKeyCertOptions(pem());
    server
        .updateSSLOptions(options, true)
        .onSuccess(done -> LOG.info("{}: the new certificate is in use", certificate))
        .onFailure(
            e -> LOG.error("{}: the old certificate stays in use: {}", certificate, e.toString()));
  }
}
