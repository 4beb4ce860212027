package io.baton.standalone.trace;

import io.baton.telemetry.record.SpanRecord;
import io.baton.telemetry.view.Perfetto;
import io.baton.telemetry.view.TraceTree;
import io.baton.telemetry.view.TreeText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code baton trace}: shows traces. */
@Command(
    name = "trace",
    description = "Shows traces of a gateway, a file, Tempo or Jaeger.",
    mixinStandardHelpOptions = true,
    subcommands = {TraceCommand.Show.class, TraceCommand.ToPerfetto.class})
public final class TraceCommand {
  private TraceCommand() {}

  private static void requireIds(CommandSpec spec, TraceSource source, List<String> ids) {
    if (ids.isEmpty() && !source.isFile()) {
      throw new ParameterException(
          spec.commandLine(), "ID: missing (expected: a trace id, or x-request-id at a gateway)");
    }
  }

  /** {@code baton trace show}. */
  @Command(name = "show", description = "Prints traces as trees.", mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private TraceSource source = new TraceSource();

    @Parameters(paramLabel = "ID", description = "Trace ids; at a gateway also x-request-id.")
    private List<String> ids = List.of();

    @Override
    public Integer call() throws IOException {
      requireIds(spec, source, ids);
      List<SpanRecord> spans = source.spans(ids);
      PrintWriter out = spec.commandLine().getOut();
      TraceSource.byTrace(spans, list -> TreeText.of(new TraceTree(list))).forEach(out::println);
      out.flush();
      return 0;
    }
  }

  /** {@code baton trace perfetto}. */
  @Command(
      name = "perfetto",
      description = "Writes traces for https://ui.perfetto.dev.",
      mixinStandardHelpOptions = true)
  static final class ToPerfetto implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private TraceSource source = new TraceSource();

    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        defaultValue = "trace.perfetto.json",
        description = "Where to write (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("trace.perfetto.json");

    @Parameters(paramLabel = "ID", description = "Trace ids; at a gateway also x-request-id.")
    private List<String> ids = List.of();

    @Override
    public Integer call() throws IOException {
      requireIds(spec, source, ids);
      List<TraceTree> trees = TraceSource.byTrace(source.spans(ids), TraceTree::new);
      Files.writeString(output, Perfetto.of(trees).toString());
      spec.commandLine()
          .getOut()
          .println("wrote " + output + ": open it at https://ui.perfetto.dev");
      spec.commandLine().getOut().flush();
      return 0;
    }
  }
}
