package io.baton.engine.cuda.compile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A unit of CUDA C: one {@code .cu} file, and the {@code .cuh} files beside it that it may include.
 * Lines {@code // compile: -DNAME=VALUE ...} list the variants that are used; without any there is
 * one, without options.
 *
 * @param name of the file, e.g. {@code gemv.cu}
 * @param headers by the name under which they are included
 */
public record KernelSource(String name, String text, Map<String, String> headers) {
  /** Folder of all units in the resources. */
  public static final String FOLDER = "io/baton/engine/cuda/kernels";

  private static final Pattern VARIANT = Pattern.compile("(?m)^//\\s*compile:(.*)$");

  public KernelSource {
    headers = Map.copyOf(headers);
  }

  /** A unit without headers. */
  public static KernelSource of(String name, String text) {
    return new KernelSource(name, text, Map.of());
  }

  /**
   * A unit of the resources.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static KernelSource named(String name) {
    return all().stream()
        .filter(source -> source.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "kernel source: " + name + " (expected: a .cu file in " + FOLDER + ")"));
  }

  /** All units of the resources, by name. */
  public static List<KernelSource> all() {
    try {
      Path location =
          Path.of(KernelSource.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(location)) {
        return in(location.resolve(FOLDER));
      }
      try (FileSystem jar = FileSystems.newFileSystem(location)) {
        return in(jar.getPath("/" + FOLDER));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("kernel sources cannot be read", e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All units of a folder, by name. */
  public static List<KernelSource> in(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    var units = new LinkedHashMap<String, String>();
    var headers = new LinkedHashMap<String, String>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".cu")) {
          units.put(name, Files.readString(file));
        } else if (name.endsWith(".cuh")) {
          headers.put(name, Files.readString(file));
        }
      }
    }
    return units.entrySet().stream()
        .map(unit -> new KernelSource(unit.getKey(), unit.getValue(), headers))
        .toList();
  }

  /** Option lists with which this unit is compiled when all is. */
  public List<List<String>> variants() {
    var found = new ArrayList<List<String>>();
    Matcher matcher = VARIANT.matcher(text);
    while (matcher.find()) {
      String options = matcher.group(1).strip();
      found.add(options.isEmpty() ? List.of() : List.of(options.split("\\s+")));
    }
    return found.isEmpty() ? List.of(List.of()) : List.copyOf(found);
  }
}
