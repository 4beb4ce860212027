package io.baton.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Turns a tree into records. Goes on after a problem, so that all are found; what could not be read
 * is null then, and nobody gets to see it.
 */
final class Binder {
  private final Shape.Group root;
  private final String rootPath;
  private final Path fileDirectory;
  private final List<Problem> problems;
  private final List<EffectiveSetting> settings = new ArrayList<>();

  /**
   * A binder.
   *
   * @param root the shape of the whole, to tell where a misplaced key belongs
   * @param rootPath its path
   * @param fileDirectory where relative paths in the file begin
   * @param problems receives what is wrong
   */
  Binder(Shape.Group root, String rootPath, Path fileDirectory, List<Problem> problems) {
    this.root = root;
    this.rootPath = rootPath;
    this.fileDirectory = fileDirectory;
    this.problems = problems;
  }

  /** The whole; null if there is a problem. */
  @Nullable Object bind(Tree tree) {
    return bind(root, rootPath, tree);
  }

  /** Every single setting that was bound, with its origin. */
  List<EffectiveSetting> settings() {
    return settings;
  }

  /** A value or values as they would be written in a file. */
  static String print(Object value) {
    return switch (value) {
      case Optional<?> optional -> optional.map(Binder::print).orElse("");
      case List<?> list -> {
        StringJoiner joined = new StringJoiner(", ", "[", "]");
        list.forEach(item -> joined.add(print(item)));
        yield joined.toString();
      }
      case Map<?, ?> map -> {
        StringJoiner joined = new StringJoiner(", ", "{", "}");
        map.forEach((key, item) -> joined.add(key + ": " + print(item)));
        yield joined.toString();
      }
      default -> ScalarType.print(value);
    };
  }

  private @Nullable Object bind(Shape shape, String path, Tree tree) {
    boolean isInline = tree instanceof Tree.Scalar && tree.origin().isInline();
    Tree unfolded = isInline ? unfold(shape, (Tree.Scalar) tree) : tree;
    return switch (shape) {
      case Shape.Single single -> bindSingle(single, path, unfolded);
      case Shape.Items items -> bindItems(items, path, unfolded);
      case Shape.Named named -> bindNamed(named, path, unfolded);
      case Shape.Maybe maybe -> bindMaybe(maybe, path, unfolded);
      case Shape.Group group -> bindGroup(group, path, unfolded);
    };
  }

  /**
   * Environment, command line and defaults give one text for everything: a list may be {@code a, b}
   * or YAML, other structures are YAML, and where a value may be absent, no text is no value.
   */
  private Tree unfold(Shape shape, Tree.Scalar line) {
    Tree nothing = new Tree.Scalar("", true, line.origin());
    return switch (shape) {
      case Shape.Single _ -> line;
      case Shape.Maybe _ -> line.text().isBlank() ? nothing : line;
      case Shape.Items _ when !line.text().strip().startsWith("[") -> commaSeparated(line);
      case Shape.Items _, Shape.Named _, Shape.Group _ ->
          YamlTree.ofInline(line.text(), line.origin(), problems).orElse(nothing);
    };
  }

  private static Tree commaSeparated(Tree.Scalar line) {
    return new Tree.Sequence(
        Arrays.stream(line.text().split(","))
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .<Tree>map(text -> new Tree.Scalar(text, false, line.origin()))
            .toList(),
        line.origin());
  }

  private @Nullable Object bindSingle(Shape.Single shape, String path, Tree tree) {
    if (!(tree instanceof Tree.Scalar scalar) || scalar.isNull()) {
      return problem(tree.origin(), path, describe(tree), shape.expected());
    }
    Path directory = tree.origin().isInline() ? Path.of("") : fileDirectory;
    Object value;
    try {
      value = shape.type().parser().parse(scalar.text(), directory);
    } catch (Secret.UnreadableException e) {
      return problem(tree.origin(), path, String.valueOf(e.getMessage()), shape.expected());
    } catch (IllegalArgumentException e) {
      return problem(tree.origin(), path, describe(tree), shape.expected());
    }
    if (!shape.range().contains(value)) {
      return problem(tree.origin(), path, describe(tree), shape.expected());
    }
    return noted(value, path, tree.origin());
  }

  private @Nullable Object bindMaybe(Shape.Maybe shape, String path, Tree tree) {
    if (tree.isNothing()) {
      return noted(Optional.empty(), path, tree.origin());
    }
    Object value = bind(shape.inner(), path, tree);
    return value == null ? null : Optional.of(value);
  }

  private @Nullable Object bindItems(Shape.Items shape, String path, Tree tree) {
    if (tree.isNothing()) {
      return noted(List.of(), path, tree.origin());
    }
    if (!(tree instanceof Tree.Sequence sequence)) {
      return problem(tree.origin(), path, describe(tree), "a list such as [a, b]");
    }
    if (sequence.items().isEmpty()) {
      return noted(List.of(), path, tree.origin());
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      Object value = bind(shape.element(), path + "[" + i + "]", sequence.items().get(i));
      if (value != null) {
        values.add(value);
      }
    }
    return List.copyOf(values);
  }

  private @Nullable Object bindNamed(Shape.Named shape, String path, Tree tree) {
    if (tree.isNothing()) {
      return noted(Map.of(), path, tree.origin());
    }
    if (!(tree instanceof Tree.Mapping mapping)) {
      return problem(tree.origin(), path, describe(tree), "a mapping of names to values");
    }
    if (mapping.entries().isEmpty()) {
      return noted(Map.of(), path, tree.origin());
    }
    Map<String, Object> values = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach((name, entry) -> {
          Object value = bind(shape.element(), Section.path(path, name), entry.located());
          if (value != null) {
            values.put(name, value);
          }
        });
    return Collections.unmodifiableMap(values);
  }

  private @Nullable Object bindGroup(Shape.Group shape, String path, Tree tree) {
    // `http:` with all its settings commented out means their defaults.
    Tree whole = tree.isNothing() ? new Tree.Mapping(Map.of(), tree.origin()) : tree;
    if (!(whole instanceof Tree.Mapping mapping)) {
      String keys = String.join(", ", shape.keys());
      return problem(tree.origin(), path, describe(tree), "a mapping of keys to values: " + keys);
    }
    reportUnknownKeys(shape, path, mapping);
    List<Shape.Field> fields = shape.fields();
    @Nullable Object[] values = new @Nullable Object[fields.size()];
    boolean isComplete = true;
    for (int i = 0; i < values.length; i++) {
      values[i] = bindField(fields.get(i), path, mapping);
      isComplete &= values[i] != null;
    }
    return isComplete ? construct(shape, path, mapping, values) : null;
  }

  private void reportUnknownKeys(Shape.Group shape, String path, Tree.Mapping mapping) {
    List<String> known = shape.keys();
    mapping
        .entries()
        .forEach((key, entry) -> {
          if (!known.contains(key)) {
            Optional<String> nearest =
                Nearest.to(key, known).or(() -> elsewhere(root, rootPath, key));
            problems.add(
                new Problem(
                    entry.keyOrigin(),
                    Section.path(path, key),
                    "unknown key",
                    "one of " + String.join(", ", known),
                    nearest));
          }
        });
  }

  /** The path of a setting of this very name in another group. */
  private static Optional<String> elsewhere(Shape.Group group, String path, String key) {
    for (Shape.Field field : group.fields()) {
      String fieldPath = Section.path(path, field.key());
      if (field.key().equals(key)) {
        return Optional.of(fieldPath);
      }
      if (field.shape() instanceof Shape.Group inner) {
        Optional<String> found = elsewhere(inner, fieldPath, key);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private @Nullable Object bindField(Shape.Field field, String parent, Tree.Mapping mapping) {
    String path = Section.path(parent, field.key());
    Tree.Entry entry = mapping.entries().get(field.key());
    if (entry != null) {
      return bind(field.shape(), path, entry.located());
    }
    if (field.defaultText() != null) {
      return bind(field.shape(), path, new Tree.Scalar(field.defaultText(), false, Origin.DEFAULT));
    }
    if (field.defaultValue() != null && !(field.shape() instanceof Shape.Group)) {
      return noted(field.defaultValue(), path, Origin.DEFAULT);
    }
    return switch (field.shape()) {
      case Shape.Group group ->
          bindGroup(group, path, new Tree.Mapping(Map.of(), mapping.origin()));
      case Shape.Maybe _ -> noted(Optional.empty(), path, Origin.DEFAULT);
      case Shape.Items _ -> noted(List.of(), path, Origin.DEFAULT);
      case Shape.Named _ -> noted(Map.of(), path, Origin.DEFAULT);
      case Shape.Single single -> problem(mapping.origin(), path, "missing", single.expected());
    };
  }

  /** A record's own constructor may refuse values too: combinations, for example. */
  private @Nullable Object construct(
      Shape.Group shape, String path, Tree.Mapping mapping, @Nullable Object[] values) {
    Class<?>[] types =
        Arrays.stream(shape.type().getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = shape.type().getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refusal) {
        return problem(mapping.origin(), path, String.valueOf(refusal.getMessage()), "");
      }
      throw new IllegalStateException(shape.type() + " failed", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(shape.type() + " cannot be made", e);
    }
  }

  private Object noted(Object value, String path, Origin origin) {
    settings.add(new EffectiveSetting(path, print(value), origin));
    return value;
  }

  private @Nullable Object problem(Origin origin, String path, String found, String expected) {
    problems.add(Problem.of(origin, path, found, expected));
    return null;
  }

  private static String describe(Tree tree) {
    return switch (tree) {
      case Tree.Scalar scalar when scalar.isNull() -> "no value";
      case Tree.Scalar scalar -> scalar.text().isEmpty() ? "an empty text" : scalar.text();
      case Tree.Sequence _ -> "a list";
      case Tree.Mapping _ -> "a mapping";
    };
  }
}
