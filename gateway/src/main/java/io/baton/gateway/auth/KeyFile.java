package io.baton.gateway.auth;

import io.baton.config.ConfigException;
import io.baton.config.ConfigReader;
import io.baton.config.Setting;
import io.baton.gateway.admission.UsageLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The file of keys. */
public record KeyFile(
    @Setting("Keys that may be used; several may have one name.") List<Entry> keys) {

  /** One key. */
  public record Entry(
      @Setting("Whose key it is, for logs, metrics and limits.") String name,
      @Setting("sha256:<salt>:<hash>, as `baton keys new NAME` prints it.") String hash,
      @Setting(value = "Whether it opens the operator's routes too.", def = "false") boolean admin,
      @Setting(value = "Requests at once under this name; 0: no limit.", def = "0", min = 0)
          int maxConcurrent,
      @Setting(value = "Requests a minute under this name; 0: no limit.", def = "0", min = 0)
          int requestsPerMinute,
      @Setting(
              value = "Tokens a minute under this name, prompt and answer; 0: no limit.",
              def = "0",
              min = 0)
          long tokensPerMinute,
      @Setting(
              value = "Highest priority that x-baton-priority may ask for.",
              def = "0",
              min = -9,
              max = 9)
          int maxPriority) {

    Caller caller() {
      var limits = new UsageLimits(maxConcurrent, requestsPerMinute, tokensPerMinute);
      return new Caller(name, admin, limits, maxPriority);
    }

    public Entry {
      KeyHash.parse(hash);
    }
  }

  /** A new key and the line for the file that makes it valid. */
  public record NewKey(String key, String line) {}

  /**
   * Reads the file.
   *
   * @throws ConfigException with place and reason
   */
  static List<Entry> read(Path file) throws ConfigException {
    return ConfigReader.read(KeyFile.class, Optional.of(file), Map.of(), List.of()).value().keys();
  }

  /** Makes a key; nobody but the caller ever sees it again. */
  public static NewKey create(String name, boolean admin) {
    String key = KeyHash.newKey();
    return new NewKey(
        key,
        "  - {name: %s, hash: \"%s\"%s}"
            .formatted(name, KeyHash.of(key), admin ? ", admin: true" : ""));
  }
}
