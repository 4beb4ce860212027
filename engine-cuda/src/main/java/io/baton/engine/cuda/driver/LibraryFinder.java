package io.baton.engine.cuda.driver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds CUDA's libraries: by name where the system looks, then in the folders of CUDA
 * installations, then in those of Python packages, then in configured folders. Never in a {@code
 * compat} folder: the driver library there belongs to another driver.
 */
final class LibraryFinder {
  private static final Logger LOG = LoggerFactory.getLogger(LibraryFinder.class);
  private static final String COMPAT = "compat";
  private static final String NVRTC = "libnvrtc.so.";
  private static final String BUILTINS = "libnvrtc-builtins.so.[0-9]*.[0-9]*";

  private final List<Path> folders;

  /**
   * A finder that looks at these folders last.
   *
   * @param environment of the process: CUDA_HOME, CUDA_PATH, VIRTUAL_ENV, HOME are looked at
   */
  LibraryFinder(List<Path> configured, Map<String, String> environment) {
    Set<Path> all = new LinkedHashSet<>(standardFolders(environment));
    all.addAll(pythonFolders(environment));
    configured.forEach(folder -> {
      if (isCompat(folder)) {
        LOG.warn("CUDA library folder {}: a compat folder is never used", folder);
      }
      all.add(folder);
    });
    folders = all.stream().filter(folder -> !isCompat(folder)).toList();
  }

  /**
   * Loads the first library that is there.
   *
   * @param names in order of preference
   * @return empty if there is none
   */
  Optional<NativeLibrary> find(List<String> names) {
    for (String name : names) {
      Optional<NativeLibrary> found = load(name, () -> lookup(name));
      if (found.isPresent()) {
        return found;
      }
    }
    for (Path folder : folders) {
      for (String name : names) {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file)) {
          Optional<NativeLibrary> found = load(file.toString(), () -> lookup(file));
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Where it looks after the system's own places, for messages. */
  List<Path> folders() {
    return folders;
  }

  private interface Lookup {
    SymbolLookup load();
  }

  private static Optional<NativeLibrary> load(String where, Lookup lookup) {
    try {
      return Optional.of(new NativeLibrary(where, lookup.load()));
    } catch (IllegalArgumentException e) {
      LOG.debug("{} cannot be loaded: {}", where, e.getMessage());
      return Optional.empty();
    }
  }

  private static SymbolLookup lookup(String name) {
    return SymbolLookup.libraryLookup(name, Arena.global());
  }

  private static SymbolLookup lookup(Path file) {
    if (String.valueOf(file.getFileName()).startsWith(NVRTC)) {
      loadBuiltins(file);
    }
    return SymbolLookup.libraryLookup(file, Arena.global());
  }

  /** NVRTC opens these by their bare name; once loaded they are found under it. */
  private static void loadBuiltins(Path nvrtc) {
    Path folder = nvrtc.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    for (Path file : list(folder, BUILTINS)) {
      SymbolLookup builtins = SymbolLookup.libraryLookup(file, Arena.global());
      LOG.debug("loaded {}: {}", file, builtins);
    }
  }

  private static List<Path> standardFolders(Map<String, String> environment) {
    var found = new ArrayList<Path>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = environment.get(variable);
      if (home != null && !home.isBlank()) {
        addLibraryFolders(found, Path.of(home));
      }
    }
    addLibraryFolders(found, Path.of("/usr/local/cuda"));
    list(Path.of("/usr/local"), "cuda-[0-9]*").forEach(home -> addLibraryFolders(found, home));
    addLibraryFolders(found, Path.of("/opt/cuda"));
    found.add(Path.of("/usr/lib/wsl/lib"));
    return found;
  }

  private static void addLibraryFolders(List<Path> found, Path home) {
    found.add(home.resolve("lib64"));
    list(home.resolve("targets"), "*-linux").forEach(target -> found.add(target.resolve("lib")));
  }

  /** Folders {@code nvidia/X/lib} of Python installations that are usual, or active. */
  private static List<Path> pythonFolders(Map<String, String> environment) {
    var roots = new ArrayList<Path>();
    addIfSet(roots, environment.get("VIRTUAL_ENV"), "lib");
    addIfSet(roots, environment.get("CONDA_PREFIX"), "lib");
    addIfSet(roots, environment.get("HOME"), ".local/lib");
    roots.add(Path.of("/opt/conda/lib"));
    roots.add(Path.of("/usr/local/lib"));
    roots.add(Path.of("/usr/lib"));
    var found = new ArrayList<Path>();
    for (Path root : roots) {
      for (Path python : list(root, "python3*")) {
        for (Path packages : list(python, "{site,dist}-packages")) {
          for (Path library : list(packages.resolve("nvidia"), "*")) {
            found.add(library.resolve("lib"));
          }
        }
      }
    }
    return found;
  }

  private static void addIfSet(List<Path> roots, @Nullable String value, String below) {
    if (value != null && !value.isBlank()) {
      roots.add(Path.of(value, below));
    }
  }

  /** Children that match, the highest version first; empty if there is no such folder. */
  private static List<Path> list(Path folder, String glob) {
    var found = new ArrayList<Path>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(folder, glob)) {
        children.forEach(found::add);
      } catch (IOException e) {
        LOG.debug("{} cannot be listed: {}", folder, e.toString());
      }
    }
    found.sort(Comparator.comparing(Path::toString).reversed());
    return found;
  }

  private static boolean isCompat(Path folder) {
    for (Path part : folder) {
      if (part.toString().equals(COMPAT)) {
        return true;
      }
    }
    return false;
  }
}
