package io.baton.engine.cuda.check;

import io.baton.engine.cuda.driver.Bindings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of {@link GpuChecks}.
 *
 * @param only names or prefixes of names; empty: all
 * @param report folder for the report's files
 * @param child whether to run the checks in this process
 * @param notes where a child says how far it is
 */
record CheckOptions(
    List<String> only,
    Set<String> skip,
    boolean list,
    Optional<Path> report,
    Bindings.Choice binding,
    List<Path> libraries,
    int device,
    boolean child,
    Path notes) {

  static final String USAGE =
      """
      usage: GpuChecks [--list] [--only NAME[,NAME...]] [--report FOLDER]
                       [--binding auto|ffm|bytedeco] [--libraries FOLDER[:FOLDER...]] [--device N]
      NAME may be the beginning of a name, such as "driver".\
      """;

  static CheckOptions parse(List<String> arguments) {
    List<String> only = List.of();
    Set<String> skip = Set.of();
    boolean list = false;
    Optional<Path> report = Optional.empty();
    var binding = Bindings.Choice.AUTO;
    List<Path> libraries = List.of();
    int device = 0;
    boolean child = false;
    Path notes = Path.of("notes");
    for (int i = 0; i < arguments.size(); i++) {
      String option = arguments.get(i);
      switch (option) {
        case "--list" -> list = true;
        case "--only" -> only = List.of(value(arguments, ++i, option).split(","));
        case "--skip" -> skip = Set.of(value(arguments, ++i, option).split(","));
        case "--report" -> report = Optional.of(Path.of(value(arguments, ++i, option)));
        case "--binding" -> binding = choice(value(arguments, ++i, option));
        case "--libraries" -> libraries = paths(value(arguments, ++i, option));
        case "--device" -> device = Integer.parseInt(value(arguments, ++i, option));
        case "--child" -> {
          child = true;
          notes = Path.of(value(arguments, ++i, option));
        }
        default ->
            throw new IllegalArgumentException("option: " + option + " (expected: as below)");
      }
    }
    return new CheckOptions(only, skip, list, report, binding, libraries, device, child, notes);
  }

  private static String value(List<String> arguments, int index, String option) {
    if (index >= arguments.size()) {
      throw new IllegalArgumentException(option + ": nothing follows (expected: a value)");
    }
    return arguments.get(index);
  }

  private static Bindings.Choice choice(String text) {
    return Bindings.Choice.valueOf(text.toUpperCase(Locale.ROOT));
  }

  private static List<Path> paths(String text) {
    return List.of(text.split(":")).stream().map(Path::of).toList();
  }

  /** Those that were asked for. */
  List<GpuCheck> select(List<GpuCheck> all) {
    return all.stream()
        .filter(check -> only.isEmpty() || only.stream().anyMatch(check.name()::startsWith))
        .filter(check -> !skip.contains(check.name()))
        .toList();
  }

  /** The command line of a child that runs all but those. */
  List<String> forChild(Path childNotes, Set<String> done) {
    var arguments = new ArrayList<String>(List.of("--child", childNotes.toString()));
    arguments.addAll(List.of("--binding", binding.name(), "--device", String.valueOf(device)));
    if (!only.isEmpty()) {
      arguments.addAll(List.of("--only", String.join(",", only)));
    }
    var without = new ArrayList<>(skip);
    without.addAll(done);
    if (!without.isEmpty()) {
      arguments.addAll(List.of("--skip", String.join(",", without)));
    }
    if (!libraries.isEmpty()) {
      arguments.addAll(
          List.of(
              "--libraries", String.join(":", libraries.stream().map(Path::toString).toList())));
    }
    return arguments;
  }
}
