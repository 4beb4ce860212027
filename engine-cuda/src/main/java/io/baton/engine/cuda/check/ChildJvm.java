package io.baton.engine.cuda.check;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another JVM like this one, for what needs a process of its own. */
final class ChildJvm {

  /**
   * What a child did.
   *
   * @param output standard output and error together
   */
  record Ended(int code, String output) {}

  private ChildJvm() {}

  /** Starts a class with this JVM's flags and class path. */
  static ProcessBuilder of(Class<?> main, List<String> arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }

  /**
   * Runs a class to its end.
   *
   * @throws IOException if it takes longer than so many seconds; it is killed then
   */
  static Ended run(Class<?> main, List<String> arguments, long seconds) throws IOException {
    Path log = Files.createTempFile("baton-child-", ".log");
    try {
      Process process =
          of(main, arguments).redirectErrorStream(true).redirectOutput(log.toFile()).start();
      try {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new IOException(
              main.getSimpleName() + " " + arguments + " still ran after " + seconds + " s");
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
      return new Ended(process.exitValue(), Files.readString(log));
    } finally {
      Files.deleteIfExists(log);
    }
  }
}
