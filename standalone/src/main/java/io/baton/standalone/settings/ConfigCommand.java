package io.baton.standalone.settings;

import io.baton.config.ConfigException;
import io.baton.config.JsonSchema;
import io.baton.config.Loaded;
import io.baton.config.ReferencePage;
import io.baton.config.Section;
import io.baton.standalone.Commands.ConfigOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code baton config}: what can be set, what is set, and whether a file is right. */
@Command(
    name = "config",
    description = "Checks and explains configuration files.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ConfigCommand.Check.class,
      ConfigCommand.Show.class,
      ConfigCommand.Schema.class,
      ConfigCommand.Reference.class
    })
public final class ConfigCommand {

  /** {@code baton config check FILE}. */
  @Command(
      name = "check",
      description = "Checks a file without starting anything; status 0 if it can be used.",
      mixinStandardHelpOptions = true)
  static final class Check implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "YAML file of a gateway or a worker.")
    private Path file = Path.of("");

    @Option(names = "--for", description = "gateway or worker; default: whichever the file fits.")
    private @Nullable ProcessKind kind;

    @Override
    public Integer call() throws ConfigException {
      ConfigException closest = null;
      for (ProcessKind candidate : kind == null ? ProcessKind.values() : new ProcessKind[] {kind}) {
        try {
          Loaded<?> loaded = candidate.read(Optional.of(file), Map.of(), List.of());
          System.out.printf(
              "%s: fine for baton %s (%d settings)%n",
              file, candidate.command(), loaded.settings().size());
          return 0;
        } catch (ConfigException e) {
          if (closest == null || e.problems().size() < closest.problems().size()) {
            closest = e;
          }
        }
      }
      throw Objects.requireNonNull(closest);
    }
  }

  /** {@code baton config show gateway}. */
  @Command(
      name = "show",
      description =
          "Prints every setting as it is in force, and whether it comes from the defaults, the"
              + " file, the environment or --set.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Parameters(paramLabel = "gateway|worker", description = "Whose settings.")
    private ProcessKind kind = ProcessKind.GATEWAY;

    @Mixin private ConfigOptions config = new ConfigOptions();

    @Override
    public Integer call() throws ConfigException {
      System.out.print(kind.read(config.file(), System.getenv(), config.assignments()).show());
      return 0;
    }
  }

  /** {@code baton config schema}. */
  @Command(
      name = "schema",
      description = "Prints the JSON Schema of a file, for editors.",
      mixinStandardHelpOptions = true)
  static final class Schema implements Callable<Integer> {
    @Parameters(paramLabel = "gateway|worker", description = "Whose file.")
    private ProcessKind kind = ProcessKind.GATEWAY;

    @Override
    public Integer call() {
      System.out.print(JsonSchema.of(List.of(kind.section())));
      return 0;
    }
  }

  /** {@code baton config reference}. */
  @Command(
      name = "reference",
      description = "Prints the reference page of all settings, docs/configuration.md.",
      mixinStandardHelpOptions = true)
  static final class Reference implements Callable<Integer> {
    @Override
    public Integer call() {
      System.out.print(page());
      return 0;
    }
  }

  /** The reference page of all processes. */
  static String page() {
    var parts = new LinkedHashMap<String, Section>();
    for (ProcessKind kind : ProcessKind.values()) {
      parts.put("File of `baton " + kind.command() + "`", kind.section());
    }
    return ReferencePage.of(parts);
  }
}
