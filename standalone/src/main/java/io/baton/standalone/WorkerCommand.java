package io.baton.standalone;

import io.baton.agent.FleetProcess;
import io.baton.agent.WorkerProcess;
import io.baton.agent.WorkerSettings;
import io.baton.config.ConfigReader;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code baton worker}: one worker, until it is told to stop or to drain. */
@Command(
    name = "worker",
    description =
        "Runs one worker: an engine and its agent; or one agent in front of many servers.",
    mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerCommand.class);

  @Mixin private Commands.ConfigOptions config = new Commands.ConfigOptions();
  @Mixin private Aliases aliases = new Aliases();

  @Override
  public Integer call() throws Exception {
    Map<String, String> environment = aliases.ofWorker(System.getenv());
    var settings =
        ConfigReader.read(WorkerSettings.class, config.file(), environment, config.assignments());
    Commands.warnOfUnknown(settings, LOG);
    Commands.closeOnExit(
        settings.value().fleet().wanted()
            ? FleetProcess.start(settings.value(), environment)
            : WorkerProcess.start(settings.value(), environment, new ThisProcess()));
    return Commands.KEEPS_RUNNING;
  }

  private static final class ThisProcess implements WorkerProcess.Host {
    @Override
    public void drain() {
      exit("baton-drain", 0);
    }

    @Override
    public void engineLost(String reason) {
      exit("baton-engine-lost", WorkerProcess.ENGINE_LOST);
    }

    /** Not on the caller's thread: it belongs to what the exit will stop. */
    private static void exit(String thread, int code) {
      Thread.ofPlatform().name(thread).start(() -> System.exit(code));
    }
  }
}
