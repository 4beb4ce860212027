package io.baton.standalone.workers;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code baton workers}: lists, cordons, uncordons and drains. */
@Command(
    name = "workers",
    description = "Lists workers, keeps new work from them, empties them.",
    mixinStandardHelpOptions = true,
    subcommands = {
      WorkersCommand.Listing.class,
      WorkersCommand.Cordon.class,
      WorkersCommand.Uncordon.class,
      WorkersCommand.Drain.class
    })
public final class WorkersCommand {
  private static final String ROW = "%-24s %-16s %-11s %-9s %-9s %5s  %s%n";

  private WorkersCommand() {}

  private static void print(CommandSpec spec, Iterable<JsonNode> workers) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(ROW, "WORKER", "POOL", "ROLE", "STATE", "ROUTABLE", "LEGS", "MODELS");
    for (JsonNode worker : workers) {
      out.printf(
          ROW,
          worker.path("id").asText(),
          worker.path("pool").asText(),
          worker.path("role").asText(),
          worker.path("state").asText(),
          worker.path("routable").asBoolean() ? "yes" : "no",
          worker.path("live_requests").asText(),
          String.join(",", worker.path("models").valueStream().map(JsonNode::asText).toList()));
    }
    out.flush();
  }

  /** {@code baton workers list}. */
  @Command(
      name = "list",
      description = "Shows every worker that the gateway knows.",
      mixinStandardHelpOptions = true)
  static final class Listing implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private AdminClient admin = new AdminClient();

    @Override
    public Integer call() throws IOException {
      print(spec, admin.get("/v1/workers").path("workers"));
      return 0;
    }
  }

  /** Which workers a deed is done to. */
  static final class Targets {
    @Parameters(paramLabel = "WORKER", description = "Names of workers.")
    private List<String> workers = List.of();

    @Option(names = "--pool", description = "All workers of this pool; with names, those in it.")
    private @Nullable String pool;

    /** One path for each, without the deed. */
    List<String> paths(CommandSpec spec) {
      if (workers.isEmpty() && pool == null) {
        throw new ParameterException(
            spec.commandLine(), "WORKER: missing (expected: names of workers, or --pool)");
      }
      return workers.isEmpty()
          ? List.of("/v1/pools/" + encoded(pool))
          : workers.stream().map(worker -> "/v1/workers/" + encoded(worker)).toList();
    }

    String query() {
      return pool == null ? "?" : "?pool=" + encoded(pool) + "&";
    }

    private static String encoded(@Nullable String text) {
      return URLEncoder.encode(String.valueOf(text), StandardCharsets.UTF_8);
    }
  }

  /** What a deed has in common with the others. */
  abstract static class Deed implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();
    @Mixin private AdminClient admin = new AdminClient();
    @Mixin private Targets targets = new Targets();

    final int run(String deed, String parameters, Duration patience) throws IOException {
      int status = 0;
      for (String path : targets.paths(spec)) {
        JsonNode answer = admin.post(path + "/" + deed + targets.query() + parameters, patience);
        print(spec, answer.path("workers"));
        if (!answer.path("drained").asBoolean(true)) {
          spec.commandLine().getErr().println("baton: legs are left; they go on");
          status = 1;
        }
      }
      return status;
    }
  }

  /** {@code baton workers cordon}. */
  @Command(
      name = "cordon",
      description = "Nothing new goes there; what is there goes on.",
      mixinStandardHelpOptions = true)
  static final class Cordon extends Deed {
    @Override
    public Integer call() throws IOException {
      return run("cordon", "", Duration.ZERO);
    }
  }

  /** {@code baton workers uncordon}. */
  @Command(
      name = "uncordon",
      description = "Work goes there again.",
      mixinStandardHelpOptions = true)
  static final class Uncordon extends Deed {
    @Override
    public Integer call() throws IOException {
      return run("uncordon", "", Duration.ZERO);
    }
  }

  /** {@code baton workers drain}. */
  @Command(
      name = "drain",
      description =
          "Cordons and waits until the last leg has ended; status 1 if that takes too long.",
      mixinStandardHelpOptions = true)
  static final class Drain extends Deed {
    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        defaultValue = "60",
        description = "Longest wait (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--stop", description = "Then end the worker's process.")
    private boolean stop;

    @Override
    public Integer call() throws IOException {
      Duration wait = Duration.ofSeconds(seconds);
      return run("drain", "timeout_ms=" + wait.toMillis() + "&stop=" + stop, wait);
    }
  }
}
