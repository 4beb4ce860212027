package io.baton.standalone.settings;

import io.baton.agent.WorkerSettings;
import io.baton.config.ConfigException;
import io.baton.config.ConfigReader;
import io.baton.config.Loaded;
import io.baton.config.Section;
import io.baton.gateway.GatewaySettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The processes that read a configuration file, each with the record of its settings. */
enum ProcessKind {
  GATEWAY(GatewaySettings.class),
  WORKER(WorkerSettings.class);

  private final Class<? extends Record> settings;

  ProcessKind(Class<? extends Record> settings) {
    this.settings = settings;
  }

  /** As in {@code baton gateway}. */
  String command() {
    return name().toLowerCase(Locale.ROOT);
  }

  Section section() {
    return new Section("", settings);
  }

  Loaded<? extends Record> read(
      Optional<Path> file, Map<String, String> environment, List<String> sets)
      throws ConfigException {
    return ConfigReader.read(settings, file, environment, sets);
  }
}
