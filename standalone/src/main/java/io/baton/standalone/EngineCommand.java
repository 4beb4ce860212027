package io.baton.standalone;

import io.baton.engine.check.EngineCheck;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code baton engine}: looks at the built-in engine without a fleet around it. */
@Command(
    name = "engine",
    description = "Tools for the built-in engine.",
    mixinStandardHelpOptions = true,
    subcommands = EngineCommand.Check.class)
final class EngineCommand {

  /** {@code baton engine check DIR}. */
  @Command(
      name = "check",
      description =
          "Runs the golden.json beside a checkpoint; status 0 if logits and greedy ids agree.",
      mixinStandardHelpOptions = true)
  static final class Check implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "Checkpoint in Hugging Face layout.")
    private Path directory = Path.of(".");

    @Option(
        names = "--golden",
        description = "Reference file; default: golden.json in DIR, or ../golden/<name>.json.")
    private @Nullable Path golden;

    @Override
    public Integer call() {
      var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
      return golden == null
          ? EngineCheck.run(directory, out)
          : EngineCheck.run(directory, golden, true, out);
    }
  }
}
