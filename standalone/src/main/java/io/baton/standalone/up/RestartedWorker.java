package io.baton.standalone.up;

import io.baton.agent.WorkerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A worker's process, which is started again if it ends because its engine was lost. */
final class RestartedWorker {
  private final String id;
  private final Path logs;
  private final List<String> arguments;
  private final RestartPolicy policy = new RestartPolicy();
  private ChildProcess process;
  private Optional<Long> startAt = Optional.empty();
  private boolean stopping;

  private RestartedWorker(String id, Path logs, List<String> arguments, ChildProcess process) {
    this.id = id;
    this.logs = logs;
    this.arguments = arguments;
    this.process = process;
  }

  static RestartedWorker start(String id, Path logs, List<String> arguments) throws IOException {
    return new RestartedWorker(id, logs, arguments, ChildProcess.baton(id, logs, arguments));
  }

  /** Starts it again if it is time; says so if it has ended for good. */
  synchronized Optional<String> tend() {
    if (stopping || process.alive()) {
      return Optional.empty();
    }
    if (process.exitCode() != WorkerProcess.ENGINE_LOST) {
      return Optional.of(id + " has ended:\n" + process.lastLines());
    }
    long now = System.nanoTime();
    if (startAt.isEmpty()) {
      Optional<Duration> pause = policy.afterLossAt(now);
      if (pause.isEmpty()) {
        return Optional.of(
            "%s lost its engine more than %d times in %d minutes and stays down:%n%s"
                .formatted(
                    id, RestartPolicy.MOST, RestartPolicy.WINDOW.toMinutes(), process.lastLines()));
      }
      startAt = Optional.of(now + pause.get().toNanos());
      System.err.println(
          "baton: %s lost its engine; started again in %d ms"
              .formatted(id, pause.get().toMillis()));
    }
    return now - startAt.get() >= 0 ? startAgain() : Optional.empty();
  }

  private Optional<String> startAgain() {
    startAt = Optional.empty();
    try {
      process = ChildProcess.baton(id, logs, arguments);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(id + " could not be started again: " + e.getMessage());
    }
  }

  /** Asks it to end; it is not started again. */
  synchronized void terminate() {
    stopping = true;
    process.terminate();
  }

  synchronized void awaitExit(long seconds) {
    process.awaitExit(seconds);
  }
}
