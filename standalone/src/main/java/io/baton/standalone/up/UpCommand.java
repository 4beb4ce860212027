package io.baton.standalone.up;

import io.baton.agent.WorkerSettings.EngineKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code baton up}: the whole fleet on this machine, until Ctrl-C. */
@Command(
    name = "up",
    description = "Runs a broker, a gateway and workers on this machine.",
    mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
  private static final String DEMO_MODEL = "baton-demo";

  @Spec private picocli.CommandLine.Model.@Nullable CommandSpec spec;

  @Option(names = "--port", description = "Port of the gateway (default: ${DEFAULT-VALUE}).")
  private int port = 8000;

  @Option(names = "--prefill", description = "Prefill workers (default: 1).")
  private @Nullable Integer prefill;

  @Option(names = "--decode", description = "Decode workers (default: 1).")
  private @Nullable Integer decode;

  @Option(names = "--aggregated", description = "Workers that do both, instead of the above.")
  private @Nullable Integer aggregated;

  @Option(names = "--engine", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private EngineKind engine = EngineKind.CPU;

  @Option(
      names = "--url",
      split = ",",
      description =
          "Servers behind the workers of --engine openai, sglang or vllm, one worker each.")
  private List<String> urls = List.of();

  @Option(
      names = "--prefill-url",
      split = ",",
      description = "Servers that only prefill; --engine sglang or vllm, with --decode-url.")
  private List<String> prefillUrls = List.of();

  @Option(names = "--decode-url", split = ",", description = "Servers that only decode.")
  private List<String> decodeUrls = List.of();

  @Option(
      names = "--launch",
      description =
          "Starts the servers of --engine sglang or vllm too, where it is installed: one, or as"
              + " many as --aggregated or --prefill and --decode say. Needs --model.")
  private boolean launch;

  @Option(
      names = "--engine-arg",
      paramLabel = "ARG",
      description = "A further argument of each server that is launched; may be repeated.")
  private List<String> engineArguments = List.of();

  @Option(names = "--model", paramLabel = "DIR", description = "Model folder (default: the demo).")
  private @Nullable Path model;

  @Option(
      names = "--served-model-name",
      description = "Name for clients (default: the folder's name, or what the servers say).")
  private String servedName = "";

  @Option(names = "--one-jvm", description = "Gateway and workers in this process, for a debugger.")
  private boolean oneJvm;

  @Option(
      names = "--gateway-set",
      paramLabel = "KEY=VALUE",
      description = "A setting of the gateway; may be repeated.")
  private List<String> gatewaySets = List.of();

  @Option(
      names = "--worker-set",
      paramLabel = "KEY=VALUE",
      description = "A setting of every worker; may be repeated.")
  private List<String> workerSets = List.of();

  @Override
  public Integer call() throws Exception {
    Path logs = Files.createTempDirectory("baton-up-");
    FleetPlan plan = plan(logs);
    RunningFleet fleet =
        oneJvm
            ? OneJvmFleet.start(plan, logs, System.getenv())
            : LocalFleet.start(plan, logs, System.getenv());
    Runtime.getRuntime().addShutdownHook(new Thread(fleet::close, "baton-down"));
    return new Announcer(plan, fleet, logs).run();
  }

  private FleetPlan plan(Path logs) throws IOException {
    Optional<Path> folder = modelFolder();
    String name = servedName;
    if (name.isEmpty() && (launch || !engine.isServer())) {
      name = String.valueOf(folder.orElseThrow(() -> wrong("--launch needs --model DIR")));
      name = String.valueOf(Path.of(name).getFileName());
    }
    if (!launch) {
      return new FleetPlan(
          port, name, folder, engine, workers(), List.of(), gatewaySets, workerSets);
    }
    checkLaunch();
    EngineLaunch engines =
        EngineLaunch.of(engine, folder.orElseThrow(), name, logs, System.getenv(), engineArguments);
    boolean pair = prefill != null || decode != null;
    List<EngineLaunch.Server> servers =
        engines.servers(
            aggregated == null ? pair ? 0 : 1 : atLeastOne("--aggregated", aggregated),
            pair ? atLeastOne("--prefill", prefill == null ? 1 : prefill) : 0,
            pair ? atLeastOne("--decode", decode == null ? 1 : decode) : 0);
    // vLLM cannot be asked whether it makes spans; told, they are neither doubled nor missing.
    var sets = new ArrayList<>(List.of("server.tracing=" + engines.traced()));
    sets.addAll(workerSets);
    return new FleetPlan(
        port, name, folder, engine, FleetPlan.launchedWorkers(servers), servers, gatewaySets, sets);
  }

  private void checkLaunch() {
    if (engine != EngineKind.SGLANG && engine != EngineKind.VLLM) {
      throw wrong("--launch is of --engine sglang and --engine vllm");
    }
    if (!urls.isEmpty() || !prefillUrls.isEmpty() || !decodeUrls.isEmpty() || oneJvm) {
      throw wrong("--launch starts the servers itself: no --url with it, and no --one-jvm");
    }
  }

  private List<FleetPlan.Worker> workers() {
    if (engine.isServer()) {
      if (prefillUrls.isEmpty() != decodeUrls.isEmpty()) {
        throw wrong("--prefill-url and --decode-url only work together");
      }
      if (urls.isEmpty() && prefillUrls.isEmpty()) {
        throw wrong(
            "--engine %s needs --url URL[,URL...]: the servers to stand in front of"
                .formatted(engine.name().toLowerCase(Locale.ROOT)));
      }
      return FleetPlan.serverWorkers(engine, urls, prefillUrls, decodeUrls);
    }
    if (aggregated != null && prefill == null && decode == null) {
      return FleetPlan.builtinWorkers(atLeastOne("--aggregated", aggregated), 0, 0);
    }
    var workers =
        new ArrayList<>(
            FleetPlan.builtinWorkers(
                aggregated == null ? 0 : aggregated,
                atLeastOne("--prefill", prefill == null ? 1 : prefill),
                atLeastOne("--decode", decode == null ? 1 : decode)));
    return workers;
  }

  private int atLeastOne(String option, int value) {
    if (value < 1 || value > 64) {
      throw wrong(option + ": " + value + " (expected: 1 to 64)");
    }
    return value;
  }

  private Optional<Path> modelFolder() throws IOException {
    if (model != null) {
      return Optional.of(existing(model.toAbsolutePath().normalize()));
    }
    if (engine.isServer()) {
      return Optional.empty();
    }
    Path home = Path.of(System.getProperty("baton.home", "."));
    return Optional.of(existing(home.resolve("models").resolve(DEMO_MODEL).toAbsolutePath()));
  }

  private static Path existing(Path folder) throws IOException {
    if (!Files.isRegularFile(folder.resolve("tokenizer.json"))) {
      throw new IOException(
          "--model: " + folder + " (expected: a model folder with config.json and tokenizer.json)");
    }
    return folder;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(
        java.util.Objects.requireNonNull(spec, "spec").commandLine(), message);
  }
}
