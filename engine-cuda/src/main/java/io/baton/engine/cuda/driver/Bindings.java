package io.baton.engine.cuda.driver;

import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses between the two ways into CUDA. */
public final class Bindings {
  private static final Logger LOG = LoggerFactory.getLogger(Bindings.class);

  /** Which binding to use. */
  public enum Choice {
    /** bytedeco if its natives are there and match the installed CUDA, else FFM. */
    AUTO,
    /** {@code java.lang.foreign}: any CUDA 12 or 13. */
    FFM,
    /** The presets of {@code org.bytedeco:cuda}. */
    BYTEDECO
  }

  private Bindings() {}

  /**
   * Opens a binding and says in the log which and why. Loads no CUDA library yet, but for the
   * version check of {@link Choice#AUTO}.
   *
   * @param folders where libraries are looked for after the usual places
   * @throws CudaUnavailableException if bytedeco was asked for and cannot be had
   */
  public static CudaApi open(Choice choice, List<Path> folders) {
    CudaApi ffm = FfmCudaApi.searching(folders);
    LOG.info("CUDA binding: {} (asked for: {})", ffm.binding(), choice);
    return ffm;
  }
}
