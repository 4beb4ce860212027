package io.baton.engine.cuda.check;

import io.baton.engine.cuda.check.CheckResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Has checks run in child processes until each has a result, and sums up. */
final class CheckSupervisor {
  private static final long MOST_SECONDS_A_CHECK = 120;
  private static final long LOOK_MILLIS = 200;
  private static final int NO_GPU = 3;

  private final CheckOptions options;
  private final List<CheckResult> results = new ArrayList<>();
  private Map<String, String> machine = new LinkedHashMap<>();

  CheckSupervisor(CheckOptions options) {
    this.options = options;
  }

  /** Returns the program's exit code. */
  int run(List<GpuCheck> checks) throws IOException {
    long start = System.nanoTime();
    Set<String> done = new LinkedHashSet<>();
    while (done.size() < checks.size()) {
      Path notes = Files.createTempFile("baton-gpu-checks-", ".notes");
      int code = runChild(notes, done);
      CheckNotes read = CheckNotes.read(notes);
      Files.deleteIfExists(notes);
      if (read.machine().isEmpty()) {
        notRun(code, checks);
        return code == 0 ? 1 : code;
      }
      machine = read.machine();
      read.ended().forEach(result -> done.add(result.name()));
      results.addAll(read.ended());
      if (!read.running().isEmpty()) {
        died(read.running(), code, checks, done);
      } else if (read.ended().isEmpty()) {
        throw new IOException("a child ran no check and ended with " + code);
      }
    }
    return sumUp(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
  }

  private int runChild(Path notes, Set<String> done) throws IOException {
    Process process =
        ChildJvm.of(GpuChecks.class, options.forChild(notes, done)).inheritIO().start();
    String running = "";
    long since = System.nanoTime();
    try {
      while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        String now = CheckNotes.read(notes).running();
        if (!now.equals(running)) {
          running = now;
          since = System.nanoTime();
        } else if (System.nanoTime() - since > TimeUnit.SECONDS.toNanos(MOST_SECONDS_A_CHECK)) {
          process.destroyForcibly();
        }
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    return process.exitValue();
  }

  private void died(String name, int code, List<GpuCheck> checks, Set<String> done) {
    GpuCheck check =
        checks.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    var result =
        CheckResult.failed(
            check, 0, "its process ended with " + code + ", or was killed for taking too long");
    System.out.println(result.line());
    results.add(result);
    done.add(name);
  }

  private void notRun(int code, List<GpuCheck> checks) throws IOException {
    System.err.println("GPU checks: none of these has run (exit code " + code + "):");
    checks.forEach(check -> System.err.println("  " + check.name() + ": " + check.promise()));
    if (code == NO_GPU) {
      checks.forEach(check ->
          results.add(
              new CheckResult(
                  check.name(), check.promise(), Outcome.SKIPPED, 0, Map.of(), "no usable GPU")));
      writeReport();
    }
  }

  private int sumUp(long millis) throws IOException {
    long passed = count(Outcome.PASSED);
    long failed = count(Outcome.FAILED);
    writeReport();
    System.out.printf("%d passed, %d failed, %d skipped%n", passed, failed, count(Outcome.SKIPPED));
    System.out.printf("(on %s, %.1f s)%n", machine.get("device"), millis / 1000.0);
    return failed == 0 && passed > 0 ? 0 : 1;
  }

  private long count(Outcome outcome) {
    return results.stream().filter(result -> result.outcome() == outcome).count();
  }

  private void writeReport() throws IOException {
    if (options.report().isPresent()) {
      CheckReport.write(options.report().get(), machine, results);
    }
  }
}
