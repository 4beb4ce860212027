package io.baton.standalone;

import io.baton.standalone.doctor.DoctorCommand;
import io.baton.standalone.fake.FakeCommands;
import io.baton.standalone.route.RouteCommand;
import io.baton.standalone.settings.ConfigCommand;
import io.baton.standalone.settings.KeysCommand;
import io.baton.standalone.trace.TraceCommand;
import io.baton.standalone.up.UpCommand;
import io.baton.standalone.workers.WorkersCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Entry point of the command line. */
@Command(
    name = "baton",
    description = "A gateway for LLM serving fleets.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      UpCommand.class,
      GatewayCommand.class,
      WorkerCommand.class,
      EngineCommand.class,
      ConfigCommand.class,
      KeysCommand.class,
      HealthCommand.class,
      WorkersCommand.class,
      RouteCommand.class,
      TraceCommand.class,
      DoctorCommand.class,
      FakeCommands.Sglang.class,
      FakeCommands.Vllm.class
    })
public final class Main {
  private Main() {}

  /** Runs a command and exits with its status: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] arguments) {
    chooseLogFormat();
    Commands.endWithParent();
    int status =
        new CommandLine(new Main())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(Main::explain)
            .execute(arguments);
    if (status != Commands.KEEPS_RUNNING) {
      System.exit(status);
    }
  }

  /** Before the first logger is made. */
  private static void chooseLogFormat() {
    boolean json =
        "true".equalsIgnoreCase(System.getenv("DYN_LOGGING_JSONL"))
            || "JSON".equalsIgnoreCase(System.getenv("BATON_LOG_FORMAT"));
    if (json) {
      System.setProperty("baton.log.format", "JSON");
      System.setProperty("baton.requests.level", "INFO");
    }
  }

  /** People get the message; the stack is for defects only. */
  private static int explain(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    if (Commands.isExpected(e)) {
      command.getErr().println("baton: " + e.getMessage());
    } else {
      e.printStackTrace(command.getErr());
    }
    return 1;
  }

  /** From the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"baton " + (version == null ? "(built from source)" : version)};
    }
  }
}
