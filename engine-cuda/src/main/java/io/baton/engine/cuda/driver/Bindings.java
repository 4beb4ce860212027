package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses between the two ways into CUDA. */
public final class Bindings {
  private static final Logger LOG = LoggerFactory.getLogger(Bindings.class);
  private static final String PRESETS = "org.bytedeco.cuda.global.cudart";

  /** Which binding to use. */
  public enum Choice {
    /** bytedeco if it is there and made for the installed CUDA, else FFM. */
    AUTO,
    /** {@code java.lang.foreign}: any CUDA 12 or 13. */
    FFM,
    /** The presets of {@code org.bytedeco:cuda}. */
    BYTEDECO
  }

  private Bindings() {}

  /**
   * Opens a binding and says in the log which and why.
   *
   * @param folders where FFM looks for libraries after the usual places
   * @throws CudaUnavailableException if bytedeco was asked for and is not there
   */
  public static CudaApi open(Choice choice, List<Path> folders) {
    CudaApi ffm = FfmCudaApi.searching(folders);
    return switch (choice) {
      case FFM -> told(ffm, "it was asked for");
      case BYTEDECO -> {
        if (!hasBytedeco()) {
          throw new CudaUnavailableException(
              "binding bytedeco: org.bytedeco:cuda is not on the class path (expected: its jars in"
                  + " lib-cuda). To do: install them, or use binding ffm");
        }
        yield told(new BytedecoCudaApi(), "it was asked for");
      }
      case AUTO -> automatic(ffm);
    };
  }

  private static CudaApi automatic(CudaApi ffm) {
    if (!hasBytedeco()) {
      return told(ffm, "bytedeco's presets are not on the class path");
    }
    Optional<Integer> installed = installed(ffm);
    if (installed.isEmpty()) {
      return told(ffm, "no installed CUDA was found that presets could be made for");
    }
    String versions =
        "bytedeco's presets are made for CUDA "
            + version(BytedecoCudaApi.VERSION)
            + ", installed is "
            + version(installed.get());
    return matches(BytedecoCudaApi.VERSION, installed.get())
        ? told(new BytedecoCudaApi(), versions)
        : told(ffm, versions);
  }

  /**
   * A function that the installed version lacks would end the JVM, so only the same one will do.
   */
  static boolean matches(int presets, int installed) {
    return presets == installed;
  }

  private static CudaApi told(CudaApi api, String reason) {
    LOG.info("CUDA binding: {} ({})", api.binding(), reason);
    return api;
  }

  private static boolean hasBytedeco() {
    try {
      Class<?> found = Class.forName(PRESETS, false, Bindings.class.getClassLoader());
      return found != null;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Version of the installed NVRTC, which is that of the CUDA installation: 13000 for 13.0. */
  private static Optional<Integer> installed(CudaApi ffm) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT, 2);
      int code = ffm.nvrtc().nvrtcVersion(out.address(), out.address() + Integer.BYTES);
      return code == 0
          ? Optional.of(1000 * out.getAtIndex(JAVA_INT, 0) + 10 * out.getAtIndex(JAVA_INT, 1))
          : Optional.empty();
    } catch (CudaUnavailableException e) {
      LOG.debug("no NVRTC: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }
}
