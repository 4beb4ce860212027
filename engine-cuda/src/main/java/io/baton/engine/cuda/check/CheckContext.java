package io.baton.engine.cuda.check;

import io.baton.engine.cuda.compile.Architecture;
import io.baton.engine.cuda.compile.KernelCache;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.compile.KernelSource;
import io.baton.engine.cuda.driver.CudaApi;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaModule;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a check has at hand. One thread, on which the device's context is current. */
public final class CheckContext {
  private final CudaDevice device;
  private final Path folder;
  private final Map<String, String> figures = new LinkedHashMap<>();

  CheckContext(CudaDevice device, Path folder) {
    this.device = device;
    this.folder = folder;
  }

  public CudaDevice device() {
    return device;
  }

  public CudaApi api() {
    return device.api();
  }

  /** An empty folder of this check. */
  public Path folder() {
    return folder;
  }

  /** Models that came with the installation: {@code models} below {@code baton.home}. */
  public Path models() {
    return Path.of(System.getProperty("baton.home", ".")).resolve("models");
  }

  /** A compiler with the usual cache. */
  public KernelCompiler compiler() {
    return new KernelCompiler(api().nvrtc(), Optional.of(KernelCache.usual(System.getenv())));
  }

  /** What the device's code is compiled for. */
  public Architecture architecture() {
    return Architecture.of(device.computeCapability());
  }

  /** Compiles and loads a unit of the resources. */
  public CudaModule module(String unit, String... options) {
    return device.load(
        compiler().compile(KernelSource.named(unit), architecture(), List.of(options)).cubin());
  }

  /** Adds a figure to the report. */
  public void figure(String name, String value) {
    figures.put(name, value);
  }

  /** Adds a whole number with its unit. */
  public void figure(String name, long value, String unit) {
    figures.put(name, (value + " " + unit).strip());
  }

  /** Adds a number with its unit; four significant digits. */
  public void figure(String name, double value, String unit) {
    figures.put(name, String.format(Locale.ROOT, "%.4g %s", value, unit).strip());
  }

  /**
   * Fails the check unless a condition holds.
   *
   * @param expectation what was expected and what came instead
   */
  @SuppressWarnings("AnnotateFormatMethod")
  public void require(boolean condition, String expectation, Object... values) {
    if (!condition) {
      throw new AssertionError(expectation.formatted(values));
    }
  }

  Map<String, String> figures() {
    return figures;
  }
}
