package io.baton.engine.cuda.check;

import io.baton.engine.cuda.check.CheckResult.Outcome;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs checks in this process and notes each before and after in a file, from which the process
 * above knows how far it came, whatever happens to this one.
 */
final class CheckRunner {
  private final CudaDevice device;
  private final Path notes;
  private final Path folder;

  CheckRunner(CudaDevice device, Path notes, Path folder) {
    this.device = device;
    this.notes = notes;
    this.folder = folder;
  }

  /** Returns whether all were run: after a sticky error the rest needs another process. */
  boolean run(List<GpuCheck> checks) throws IOException {
    for (GpuCheck check : checks) {
      CheckNotes.started(notes, check);
      boolean lost = runOne(check);
      if (lost) {
        return false;
      }
    }
    return true;
  }

  private boolean runOne(GpuCheck check) throws IOException {
    Path own = Files.createDirectories(folder.resolve(check.name()));
    var context = new CheckContext(device, own);
    long start = System.nanoTime();
    Outcome outcome = Outcome.PASSED;
    String message = "";
    boolean lost = false;
    try {
      check.body().run(context);
      device.synchronize();
    } catch (SkippedException e) {
      outcome = Outcome.SKIPPED;
      message = String.valueOf(e.getMessage());
    } catch (Exception | Error e) {
      outcome = Outcome.FAILED;
      message = describe(e);
      lost = e instanceof CudaException cuda && cuda.endsProcess();
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    var result =
        new CheckResult(check.name(), check.promise(), outcome, millis, context.figures(), message);
    CheckNotes.ended(notes, result);
    System.out.println(result.line());
    return lost;
  }

  private static String describe(Throwable failure) {
    var text = new StringBuilder(failure.toString());
    int shown = 0;
    for (StackTraceElement element : failure.getStackTrace()) {
      if (element.getClassName().startsWith("io.baton.") && shown++ < 4) {
        text.append("\n  at ").append(element);
      }
    }
    return text.toString();
  }
}
