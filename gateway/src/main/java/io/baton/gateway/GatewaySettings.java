package io.baton.gateway;

import io.baton.config.Setting;
import io.baton.gateway.fleet.ModelCatalog;
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
    Nats nats,
    @Setting("Models whose prompts are read here: all of the `tokens` form.") List<Model> models,
    Router router,
    Limits limits,
    Trace trace) {

  public GatewaySettings {
    Subjects.requireToken("id", id);
    Subjects.requireToken("namespace", namespace);
    pools.forEach(pool -> Subjects.requireToken("pools", pool));
  }

  /** The public HTTP server. */
  public record Server(
      @Setting(value = "Address to listen on.", def = "127.0.0.1") String host,
      @Setting(value = "Port to listen on; 0 takes a free one.", def = "8000", min = 0, max = 65535)
          int port,
      @Setting(value = "Largest request body; beyond it 413.", def = "16MiB", min = 1024)
          long maxBody,
      @Setting(value = "Event loops; 0 is one per processor.", def = "0", min = 0, max = 256)
          int eventLoops) {}

  /** The broker. */
  public record Nats(
      @Setting(
              value = "Where the broker is; several are tried in turn.",
              def = "[nats://127.0.0.1:4222]")
          List<String> servers,
      @Setting("File with NATS credentials.") Optional<Path> credentials) {
    NatsSettings toSettings() {
      return NatsSettings.of(servers, credentials);
    }
  }

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
              value = "Tries with different workers, the first included.",
              def = "3",
              min = 1,
              max = 10)
          int maxAttempts,
      @Setting(
              value =
                  "Whether another worker goes on in mid-answer when one dies, hangs or breaks"
                      + " the stream (tokens form).",
              def = "true")
          boolean migration,
      @Setting(
              value = "Longest silence of a worker in mid-answer before another goes on; 0: any.",
              def = "10s",
              min = 0)
          Duration stallTimeout,
      @Setting(
              value = "Longest wait for requests in flight when told to stop.",
              def = "30s",
              min = 0)
          Duration drainTimeout) {}

  /** Tracing; where spans go is set by the standard OTEL_ variables. */
  public record Trace(
      @Setting(
              value = "0 nothing, 1 important slices, 2 all but nested ones, 3 all.",
              def = "2",
              min = 0,
              max = 3)
          int level) {}
}
