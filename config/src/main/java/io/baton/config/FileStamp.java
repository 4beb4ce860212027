package io.baton.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What tells one content of a file from the next, without reading it. The real path counts, since
 * Kubernetes changes a mounted file by pointing a link at another folder.
 */
public record FileStamp(@Nullable Path realPath, FileTime modified, long size) {
  private static final FileStamp MISSING = new FileStamp(null, FileTime.fromMillis(0), 0);

  /** The file as it is now; a missing one has a stamp too. */
  public static FileStamp of(Path file) {
    try {
      Path real = file.toRealPath();
      var attributes = Files.readAttributes(real, BasicFileAttributes.class);
      return new FileStamp(real, attributes.lastModifiedTime(), attributes.size());
    } catch (IOException e) {
      return MISSING;
    }
  }
}
