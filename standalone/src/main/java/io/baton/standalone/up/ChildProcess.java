package io.baton.standalone.up;

import io.baton.standalone.Commands;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One process of the local fleet, with its log file. */
final class ChildProcess {
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final String name;
  private final Process process;
  private final Path log;

  private ChildProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Another {@code baton} command in a JVM like this one. */
  static ChildProcess baton(String name, Path logs, List<String> arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-D" + Commands.PARENT_PROPERTY + "=" + ProcessHandle.current().pid());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.baton.standalone.Main"));
    command.addAll(arguments);
    return program(name, logs, command);
  }

  /** Any program. */
  static ChildProcess program(String name, Path logs, List<String> command) throws IOException {
    return program(name, logs, command, Map.of());
  }

  /**
   * Any program.
   *
   * @param environment beside this process's own
   */
  static ChildProcess program(
      String name, Path logs, List<String> command, Map<String, String> environment)
      throws IOException {
    var full = new ArrayList<String>();
    if (Files.isExecutable(SETSID)) {
      // Else Ctrl-C would reach all processes at once, and the broker would go before requests end.
      full.add(SETSID.toString());
    }
    full.addAll(command);
    Path log = logs.resolve(name + ".log");
    var builder =
        new ProcessBuilder(full)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    return new ChildProcess(name, builder.start(), log);
  }

  /** Asks it to end, as {@code kill} does. */
  void terminate() {
    process.destroy();
  }

  /** Waits for its end, and ends it if it takes longer. */
  void awaitExit(long seconds) {
    try {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        System.err.println("baton: " + name + " did not stop within " + seconds + " s; killed");
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** What it ended with; only once it has. */
  int exitCode() {
    return process.exitValue();
  }

  boolean alive() {
    return process.isAlive();
  }

  String name() {
    return name;
  }

  /** The end of its log, for error messages. */
  String lastLines() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "(its log cannot be read: " + e.getMessage() + ")";
    }
  }
}
