package io.baton.gateway;

import io.baton.config.Secret;
import io.baton.config.Setting;
import io.baton.gateway.admin.AdminServer;
import io.baton.gateway.fleet.ModelCatalog;
import io.baton.gateway.http.TlsFiles;
import io.baton.gateway.relay.Relay;
import io.baton.gateway.trace.TraceSettings;
import io.baton.kvrouter.RouterSettings;
import io.baton.kvrouter.RoutingPolicy;
import io.baton.proto.Subjects;
import io.baton.transport.NatsSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Everything that can be set about a gateway. */
public record GatewaySettings(
    @Setting(
            value = "Name of this gateway among its replicas: letters, digits, _ and -.",
            def = "gateway")
        String id,
    @Setting(value = "Separates fleets that share a broker.", def = "default") String namespace,
    @Setting(value = "Pools of workers to route to.", def = "[default]") List<String> pools,
    Server server,
    Auth auth,
    NatsSettings nats,
    @Setting("Models whose prompts are read here: all of the `tokens` form.") List<Model> models,
    Router router,
    Limits limits,
    Admin admin,
    TraceSettings trace) {

  public GatewaySettings {
    Subjects.requireToken("id", id);
    Subjects.requireToken("namespace", namespace);
    pools.forEach(pool -> Subjects.requireToken("pools", pool));
  }

  /** What holds for each request, and may change while the gateway runs. */
  Relay.Settings toRelaySettings() {
    return new Relay.Settings(limits.requestTimeout(), limits.maxAttempts());
  }

  /** The public HTTP server. */
  public record Server(
      @Setting(value = "Address to listen on.", def = "127.0.0.1") String host,
      @Setting(value = "Port to listen on; 0 takes a free one.", def = "8000", min = 0, max = 65535)
          int port,
      @Setting(value = "Largest request body; beyond it 413.", def = "16MiB", min = 1024)
          long maxBody,
      @Setting(value = "Event loops; 0 is one per processor.", def = "0", min = 0, max = 256)
          int eventLoops,
      Tls tls) {}

  /** HTTPS; both files are read again when they change. */
  public record Tls(
      @Setting("PEM file with the server's certificate and its chain; empty: plain HTTP.")
          Optional<Path> certificateFile,
      @Setting("PEM file with its private key.") Optional<Path> keyFile) {
    public Tls {
      if (certificateFile.isPresent() != keyFile.isPresent()) {
        throw new IllegalArgumentException(
            "certificate_file and key_file belong together (expected: both or neither)");
      }
    }

    Optional<TlsFiles> toFiles() {
      return certificateFile.isPresent() && keyFile.isPresent()
          ? Optional.of(new TlsFiles(certificateFile.get(), keyFile.get()))
          : Optional.empty();
    }
  }

  /** Who may ask. */
  public record Auth(
      @Setting(
              "File with the hashes of valid keys; empty: everybody may ask. Read again on change.")
          Optional<Path> keysFile) {}

  /** A model. */
  public record Model(
      @Setting("Name under which clients ask for it.") String name,
      @Setting("Folder with tokenizer.json and the chat template.") Path path) {
    ModelCatalog.Entry toEntry() {
      return new ModelCatalog.Entry(name, path);
    }
  }

  /** How workers are chosen. */
  public record Router(
      @Setting(value = "kv: prefix overlap and load; round_robin; least_loaded.", def = "kv")
          RoutingPolicy policy) {
    RouterSettings toSettings() {
      return RouterSettings.defaults().withPolicy(policy);
    }
  }

  /** Limits of one request, and of stopping. */
  public record Limits(
      @Setting(value = "From a request's first byte to the answer's last.", def = "10m", min = 1)
          Duration requestTimeout,
      @Setting(
              value = "Tries with other workers before the first byte has gone out.",
              def = "3",
              min = 1,
              max = 10)
          int maxAttempts,
      @Setting(
              value = "Longest wait for requests in flight when told to stop.",
              def = "30s",
              min = 0)
          Duration drainTimeout) {}

  /** The operators' HTTP server. */
  public record Admin(
      @Setting(value = "Address to listen on.", def = "127.0.0.1") String host,
      @Setting(
              value = "Port for operators; 0 takes a free one, -1 is off.",
              def = "-1",
              min = -1,
              max = 65535)
          int port,
      @Setting("Secret that Authorization: Bearer must carry.") Optional<Secret> keyFile) {
    AdminServer.Settings toSettings() {
      return new AdminServer.Settings(host, port, keyFile.map(Secret::reveal));
    }
  }
}
