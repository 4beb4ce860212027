package io.baton.engine.cuda.compile;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled kernels, and what else takes long to find out for a card, on disk: a file each, named by
 * a hash of all that went into it. Several processes may share a folder. What cannot be read or
 * written is only a reason to do the work again.
 */
public final class KernelCache {
  private static final Logger LOG = LoggerFactory.getLogger(KernelCache.class);
  private static final String SUFFIX = ".kernels";
  private static final int MAGIC = 0x42544b31;
  private static final long USUAL_BYTES = 256L << 20;

  private final Path folder;
  private final long maxBytes;

  /** What is kept: for kernels the code, and the log that tells of registers and spills. */
  public record Entry(byte[] cubin, String log) {}

  /**
   * A cache in a folder, which is made when first written to.
   *
   * @param maxBytes of all files; beyond it the longest unused go
   */
  public KernelCache(Path folder, long maxBytes) {
    this.folder = folder;
    this.maxBytes = maxBytes;
  }

  /** In {@code BATON_CACHE}, else {@code XDG_CACHE_HOME/baton}, else {@code ~/.cache/baton}. */
  public static KernelCache usual(Map<String, String> environment) {
    String own = environment.get("BATON_CACHE");
    String shared = environment.get("XDG_CACHE_HOME");
    Path base;
    if (own != null && !own.isBlank()) {
      base = Path.of(own);
    } else if (shared != null && !shared.isBlank()) {
      base = Path.of(shared, "baton");
    } else {
      base = Path.of(System.getProperty("user.home"), ".cache", "baton");
    }
    return new KernelCache(base.resolve("kernels"), USUAL_BYTES);
  }

  static String key(KernelSource source, List<String> options, String version) {
    MessageDigest digest = sha256();
    add(digest, version);
    add(digest, source.name());
    add(digest, source.text());
    new TreeMap<>(source.headers())
        .forEach((name, text) -> {
          add(digest, name);
          add(digest, text);
        });
    options.forEach(option -> add(digest, option));
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Name of what is found out from these, in this order. */
  public static String key(List<String> parts) {
    MessageDigest digest = sha256();
    parts.forEach(part -> add(digest, part));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** With its length, so that no two lists of texts look alike. */
  private static void add(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
    digest.update(bytes);
  }

  /** What was kept under a key; empty if nothing was, or it is damaged. Any thread. */
  public Optional<Entry> read(String key) {
    Path file = folder.resolve(key + SUFFIX);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      Entry entry = parse(file);
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      return Optional.of(entry);
    } catch (IOException e) {
      LOG.warn("{} is damaged and is made again: {}", file, e.toString());
      delete(file);
      return Optional.empty();
    }
  }

  private static Entry parse(Path file) throws IOException {
    long size = Files.size(file);
    var sum = new CRC32C();
    try (var in = new DataInputStream(new CheckedInputStream(Files.newInputStream(file), sum))) {
      if (in.readInt() != MAGIC) {
        throw new IOException("no file of kernels");
      }
      byte[] log = readBytes(in, size);
      byte[] cubin = readBytes(in, size);
      long expected = sum.getValue();
      if (in.readLong() != expected) {
        throw new IOException("its checksum is wrong");
      }
      return new Entry(cubin, new String(log, StandardCharsets.UTF_8));
    }
  }

  private static byte[] readBytes(DataInputStream in, long size) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > size) {
      throw new IOException("length: " + length + " (expected: at most " + size + ")");
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  /** Keeps something; a failure is only logged. Any thread. */
  public void write(String key, Entry entry) {
    try {
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, "new-", ".tmp");
      try {
        writeTo(temporary, entry);
        Files.move(temporary, folder.resolve(key + SUFFIX), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
      shrink();
    } catch (IOException e) {
      LOG.warn("kernels cannot be kept in {}: {}", folder, e.toString());
    }
  }

  private static void writeTo(Path file, Entry entry) throws IOException {
    var sum = new CRC32C();
    try (var out =
        new DataOutputStream(
            new CheckedOutputStream(
                new java.io.BufferedOutputStream(Files.newOutputStream(file)), sum))) {
      byte[] log = entry.log().getBytes(StandardCharsets.UTF_8);
      out.writeInt(MAGIC);
      out.writeInt(log.length);
      out.write(log);
      out.writeInt(entry.cubin().length);
      out.write(entry.cubin());
      out.writeLong(sum.getValue());
    }
  }

  private void shrink() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> file.toString().endsWith(SUFFIX))
              .sorted(Comparator.comparingLong(KernelCache::lastUse).reversed())
              .toList();
    }
    long sum = 0;
    for (Path file : files) {
      sum += size(file);
      if (sum > maxBytes) {
        delete(file);
      }
    }
  }

  private static long lastUse(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } catch (IOException e) {
      return 0;
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted: {}", file, e.toString());
    }
  }
}
