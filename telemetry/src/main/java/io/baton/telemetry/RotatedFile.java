package io.baton.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is appended to and has a largest size: then it is renamed to {@code PATH.1} and so
 * on, and the oldest goes. Opened for each piece, so that others may move it away too. Of one
 * thread; every method blocks.
 */
public final class RotatedFile {
  private static final Logger LOG = LoggerFactory.getLogger(RotatedFile.class);

  private final String setting;
  private final Path path;
  private final long maxBytes;
  private final int oldFiles;
  private boolean complained;

  /**
   * A file that need not exist yet.
   *
   * @param setting its key in the configuration, for complaints
   * @param maxBytes size at which it is rotated, unless one piece is larger
   * @param oldFiles how many are kept beside it
   */
  public RotatedFile(String setting, Path path, long maxBytes, int oldFiles) {
    this.setting = setting;
    this.path = path;
    this.maxBytes = maxBytes;
    this.oldFiles = oldFiles;
  }

  /**
   * Appends whole lines; a file that cannot be written is said once, and costs nothing else.
   *
   * @return whether they are in it
   */
  public boolean append(byte[] lines) {
    try {
      if (Files.exists(path)
          && Files.size(path) > 0
          && Files.size(path) + lines.length > maxBytes) {
        rotate();
      }
      Files.write(path, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      complained = false;
      return true;
    } catch (IOException e) {
      if (!complained) {
        complained = true;
        LOG.warn("{}: {} cannot be written ({})", setting, path, e.toString());
      }
      return false;
    }
  }

  private void rotate() throws IOException {
    if (oldFiles == 0) {
      Files.delete(path);
      return;
    }
    for (int i = oldFiles - 1; i >= 1; i--) {
      Path old = numbered(i);
      if (Files.exists(old)) {
        Files.move(old, numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(path, numbered(1), StandardCopyOption.REPLACE_EXISTING);
  }

  private Path numbered(int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }
}
