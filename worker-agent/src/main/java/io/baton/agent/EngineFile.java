package io.baton.agent;

import io.baton.agent.FleetSettings.EngineAt;
import io.baton.config.ConfigException;
import io.baton.config.ConfigReader;
import io.baton.config.FileStamp;
import io.baton.config.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A YAML file of servers. One that is missing or wrong changes nothing, and is said once. */
final class EngineFile implements EngineSource {
  private static final Logger LOG = LoggerFactory.getLogger(EngineFile.class);
  private static final long LOOK_MILLIS = 500;

  /** What is in the file. */
  public record Content(@Setting(value = "The servers.", def = "[]") List<EngineAt> engines) {}

  private final Path file;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("baton-engine-file").factory());
  private @Nullable FileStamp seen;

  EngineFile(Path file) {
    this.file = file;
  }

  @Override
  public void follow(Consumer<List<EngineAt>> engines) {
    var _ =
        thread.scheduleWithFixedDelay(() -> look(engines), 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look(Consumer<List<EngineAt>> engines) {
    FileStamp now = FileStamp.of(file);
    if (now.equals(seen)) {
      return;
    }
    seen = now;
    try {
      Content content =
          ConfigReader.read(Content.class, Optional.of(file), Map.of(), List.of()).value();
      engines.accept(content.engines());
    } catch (ConfigException e) {
      LOG.error("fleet.file: the servers known before stay: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("fleet.file: {} could not be followed", file, e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
