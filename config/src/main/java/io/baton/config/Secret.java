package io.baton.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Something nobody may see, such as a token. The setting names a file that holds it, so it stands
 * neither in the configuration nor in the environment, and cannot be printed by accident.
 */
public final class Secret {
  private static final int MOST_BYTES = 64 * 1024;

  private final Path file;
  private final String value;

  private Secret(Path file, String value) {
    this.file = file;
    this.value = value;
  }

  /**
   * Reads a file of at most 64 KiB; a line break at its end is no part of the secret.
   *
   * @throws UnreadableException if it cannot be read, is empty or too large
   */
  static Secret read(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw new UnreadableException(file + " cannot be read: " + e);
    }
    if (bytes.length > MOST_BYTES) {
      throw new UnreadableException(file + " is larger than " + MOST_BYTES + " bytes");
    }
    String value = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\\R\\z", "");
    if (value.isEmpty()) {
      throw new UnreadableException(file + " is empty");
    }
    return new Secret(file, value);
  }

  /** The file it was read from. */
  public Path file() {
    return file;
  }

  /** The secret itself. */
  public String reveal() {
    return value;
  }

  /** The file, not the secret. */
  @Override
  public String toString() {
    return file.toString();
  }

  /** The file does not hold a secret; the message says why. */
  static final class UnreadableException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    UnreadableException(String message) {
      super(message);
    }
  }
}
