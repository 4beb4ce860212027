package io.baton.engine.cuda.backend;

import io.baton.engine.cuda.driver.IpcHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What another process needs to read a KV pool in place.
 *
 * @param place machine, and what processes see of each other there; empty if that is not known
 * @param pid process that holds the pool
 * @param handle of the pool's memory
 * @param layerBytes from one layer to the next
 */
record PoolName(String place, long pid, IpcHandle handle, long layerBytes) {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path PROCESSES = Path.of("/proc/self/ns/pid");

  /** Where this process is. */
  static String here() {
    try {
      return Files.readString(BOOT_ID).strip() + " " + Files.readSymbolicLink(PROCESSES);
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  byte[] toBytes() {
    byte[] text = place.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 * Long.BYTES + IpcHandle.BYTES + text.length)
        .putLong(pid)
        .putLong(layerBytes)
        .put(handle.toBytes())
        .put(text)
        .array();
  }

  /** Empty if it is not one of this version. */
  static Optional<PoolName> parse(byte[] bytes) {
    if (bytes.length < 2 * Long.BYTES + IpcHandle.BYTES) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long pid = in.getLong();
    long layerBytes = in.getLong();
    var handle = new byte[IpcHandle.BYTES];
    in.get(handle);
    String place = StandardCharsets.UTF_8.decode(in).toString();
    return Optional.of(new PoolName(place, pid, IpcHandle.of(handle), layerBytes));
  }
}
