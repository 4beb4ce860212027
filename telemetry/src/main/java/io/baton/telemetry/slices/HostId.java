package io.baton.telemetry.slices;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This machine's id: {@code /etc/machine-id}, else the host's name, else {@code unknown}. */
public final class HostId {
  public static final String VALUE = read();

  private HostId() {}

  private static String read() {
    try {
      String id = Files.readString(Path.of("/etc/machine-id")).strip();
      if (!id.isEmpty()) {
        return id;
      }
    } catch (IOException e) {
      // Containers often have none; the host's name is the next best.
    }
    String name = System.getenv("HOSTNAME");
    return name == null || name.isBlank() ? "unknown" : name;
  }
}
