package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CUDA by {@code java.lang.foreign}. Loads each library when it is first asked for, and only once.
 */
final class FfmCudaApi implements CudaApi {
  private static final Logger LOG = LoggerFactory.getLogger(FfmCudaApi.class);
  private static final int NEWEST = 13;
  private static final int OLDEST = 12;

  private final LibraryFinder finder;
  private final Once<NativeLibrary> driverLibrary = new Once<>(this::loadDriver);
  private final Once<DriverApi> driver = new Once<>(() -> new FfmDriver(driverLibrary.get()));
  private final Once<LaunchApi> launches = new Once<>(() -> new FfmLaunches(driverLibrary.get()));
  private final Once<NvrtcApi> nvrtc = new Once<>(() -> new FfmNvrtc(toolkit("libnvrtc")));
  private final Once<CublasLtApi> cublasLt =
      new Once<>(() -> new FfmCublasLt(toolkit("libcublasLt")));

  FfmCudaApi(LibraryFinder finder) {
    this.finder = finder;
  }

  /** One that looks at these folders after the usual places. */
  static FfmCudaApi searching(List<Path> folders) {
    return new FfmCudaApi(new LibraryFinder(folders, System.getenv()));
  }

  @Override
  public String binding() {
    return "ffm";
  }

  @Override
  public DriverApi driver() {
    return driver.get();
  }

  @Override
  public LaunchApi launches() {
    return launches.get();
  }

  @Override
  public NvrtcApi nvrtc() {
    return nvrtc.get();
  }

  @Override
  public CublasLtApi cublasLt() {
    return cublasLt.get();
  }

  private NativeLibrary loadDriver() {
    NativeLibrary library =
        finder
            .find(List.of("libcuda.so.1"))
            .orElseThrow(() ->
                new CudaUnavailableException(
                    "no NVIDIA driver: libcuda.so.1 was not found (looked where the system"
                        + " looks, and in "
                        + finder.folders()
                        + "). To do: install the driver; a container needs the GPU passed in"
                        + " (--gpus all)"));
    LOG.info("CUDA driver library: {}", library.where());
    return library;
  }

  private NativeLibrary toolkit(String stem) {
    List<String> names = majors().stream().map(major -> stem + ".so." + major).toList();
    NativeLibrary library =
        finder
            .find(names)
            .orElseThrow(() ->
                new CudaUnavailableException(
                    "library missing: neither of "
                        + names
                        + " was found (looked where the system looks, and in "
                        + finder.folders()
                        + "). To do: install CUDA 12 or 13 (the runtime libraries are enough),"
                        + " or the Python packages nvidia-cuda-nvrtc and nvidia-cublas, or name"
                        + " their folder in builtin.cuda.library_folders"));
    LOG.info("CUDA library: {}", library.where());
    return library;
  }

  /** A driver for CUDA 12 runs no libraries of CUDA 13; the other way round works. */
  private List<Integer> majors() {
    Optional<Integer> supported = driverMajor();
    return supported.isPresent() && supported.get() < NEWEST
        ? List.of(OLDEST)
        : List.of(NEWEST, OLDEST);
  }

  private Optional<Integer> driverMajor() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment version = arena.allocate(JAVA_INT);
      return driver().cuDriverGetVersion(version.address()) == 0
          ? Optional.of(version.get(JAVA_INT, 0) / 1000)
          : Optional.empty();
    } catch (CudaUnavailableException e) {
      LOG.debug("libraries are looked for without a driver: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** A value made when first asked for; a failure is not kept, the next call tries again. */
  private static final class Once<T> {
    private final Supplier<T> maker;
    private volatile @Nullable T value;

    Once(Supplier<T> maker) {
      this.maker = maker;
    }

    T get() {
      T made = value;
      return made != null ? made : make();
    }

    private synchronized T make() {
      T made = value;
      if (made == null) {
        made = maker.get();
        value = made;
      }
      return made;
    }
  }
}
