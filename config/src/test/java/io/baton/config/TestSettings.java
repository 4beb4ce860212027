package io.baton.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records of settings as modules write them: every type, nesting, ranges, defaults. */
final class TestSettings {
  private TestSettings() {}

  enum Policy {
    KV,
    ROUND_ROBIN
  }

  record Server(
      @Setting(value = "Where to listen.", def = "127.0.0.1") String host,
      @Setting(value = "Port.", def = "8000", min = 0, max = 65535) int port,
      @Setting(value = "Largest body.", def = "16MiB", unit = "bytes", min = 1) long maxBody,
      @Setting(value = "Whether to log requests.", def = "false") boolean accessLog,
      @Setting(value = "Share of requests that is traced.", def = "0.5", min = 0, max = 1)
          double traced) {}

  record Model(
      @Setting("Its name.") String name,
      @Setting("Its folder.") Path path,
      @Setting(value = "Longest context.", def = "4096", unit = "tokens", min = 1) int context) {}

  record Fleet(
      Server server,
      @Setting(value = "How to route.", def = "kv") Policy policy,
      @Setting(value = "Longest wait.", def = "30s", min = 1, max = 3_600_000) Duration patience,
      @Setting(value = "Pools.", def = "[default]") List<String> pools,
      @Setting("Models.") List<Model> models,
      @Setting("Labels.") Map<String, String> labels,
      @Setting(value = "Requests at once, by tenant.", min = 1) Map<String, Integer> limits,
      @Setting("Credentials.") Optional<Path> credentials,
      @Setting("The API's key.") Optional<Secret> apiKey) {}

  /** Has a setting without default. */
  record Worker(@Setting("Its name.") String id, Server server) {}

  /** A library's own settings, with defaults and checks of its own. */
  record Weights(double hit, double load) {
    Weights {
      if (hit < load) {
        throw new IllegalArgumentException("hit: " + hit + " (expected: >= load = " + load + ")");
      }
    }

    static Weights defaults() {
      return new Weights(2, 1);
    }
  }

  /** The same for users, without saying the defaults again. */
  record Router(
      @Setting("Worth of a hit.") double hit, @Setting("Worth of load.") double load, Extra extra) {
    Router {
      new Weights(hit, load);
    }

    static Router defaults() {
      Weights weights = Weights.defaults();
      return new Router(
          weights.hit(), weights.load(), new Extra(List.of("a"), Duration.ofMillis(5)));
    }
  }

  record Extra(@Setting("Names.") List<String> names, @Setting("Time.") Duration time) {}
}
