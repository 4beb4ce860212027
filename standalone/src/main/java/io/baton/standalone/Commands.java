package io.baton.standalone;

import io.baton.config.ConfigException;
import io.baton.config.Loaded;
import io.baton.transport.BrokerUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import picocli.CommandLine.Option;

/** What commands have in common. */
public final class Commands {
  /** Set by {@code baton up} for its children: its own process id. */
  public static final String PARENT_PROPERTY = "baton.parent";

  private static final Set<String> SCRIPT_VARIABLES =
      Set.of("BATON_NATS_SERVER", "BATON_MAIN_CLASS");

  /** Status of a command whose threads go on after it returns. */
  public static final int KEEPS_RUNNING = -1;

  private Commands() {}

  /** Tells of variables that look like settings and are none, but for those of the start script. */
  static void warnOfUnknown(Loaded<?> settings, Logger log) {
    settings.unknownVariables().stream()
        .filter(problem -> !SCRIPT_VARIABLES.contains(problem.origin().name()))
        .forEach(problem -> log.warn("{}", problem));
  }

  /** Whether the message says all that a user needs. */
  static boolean isExpected(Exception e) {
    return e instanceof ConfigException
        || e instanceof BrokerUnavailableException
        || e instanceof IOException;
  }

  /** A process that {@code baton up} started ends when that one is gone, however it went. */
  static void endWithParent() {
    Long parent = Long.getLong(PARENT_PROPERTY);
    if (parent != null) {
      ProcessHandle.of(parent).ifPresentOrElse(Commands::exitAfter, () -> System.exit(0));
    }
  }

  private static void exitAfter(ProcessHandle parent) {
    var _ = parent.onExit().thenRun(() -> System.exit(0));
  }

  /** Stops something when the process is told to end. */
  public static void closeOnExit(AutoCloseable closeable) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    closeable.close();
                  } catch (Exception e) {
                    System.err.println("baton: could not stop cleanly: " + e);
                  }
                },
                "baton-stop"));
  }

  /** Where settings come from. */
  public static final class ConfigOptions {
    @Option(
        names = {"-c", "--config"},
        description = "YAML file with the settings.")
    private @Nullable Path file;

    @Option(
        names = "--set",
        paramLabel = "KEY=VALUE",
        description = "Overrides one setting; may be repeated.")
    private List<String> assignments = List.of();

    /** The YAML file, if one is given. */
    public Optional<Path> file() {
      return Optional.ofNullable(file);
    }

    /** What {@code --set} says, in order. */
    public List<String> assignments() {
      return assignments;
    }
  }
}
