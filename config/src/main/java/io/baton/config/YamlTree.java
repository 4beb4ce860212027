package io.baton.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads one YAML document into a {@link Tree}, keeping line and column of every key and value. */
final class YamlTree {
  /** Settings are written by hand; a deeper file is an accident or an attack. */
  private static final int MOST_DEPTH = 50;

  /** Bounds what aliases of aliases can unfold to. */
  private static final int MOST_NODES = 100_000;

  private final BiFunction<Integer, Integer, Origin> origins;
  private final List<Problem> problems;
  private int nodes;

  private YamlTree(BiFunction<Integer, Integer, Origin> origins, List<Problem> problems) {
    this.origins = origins;
    this.problems = problems;
  }

  /** Reads a file's text; empty if there is nothing in it or it is not YAML, which is a problem. */
  static Optional<Tree> ofFile(String text, String fileName, List<Problem> problems) {
    return new YamlTree((line, column) -> Origin.file(fileName, line, column), problems).read(text);
  }

  /** Reads one line of YAML from elsewhere. */
  static Optional<Tree> ofInline(String text, Origin origin, List<Problem> problems) {
    return new YamlTree((_, _) -> origin, problems).read(text);
  }

  private Optional<Tree> read(String text) {
    try {
      return new Compose(LoadSettings.builder().build())
          .composeString(text)
          .map(node -> tree(node, 0));
    } catch (MarkedYamlEngineException e) {
      problems.add(Problem.of(origin(e.getProblemMark()), "", "not YAML: " + e.getProblem(), ""));
    } catch (YamlEngineException e) {
      problems.add(Problem.of(origins.apply(1, 1), "", "not YAML: " + e.getMessage(), ""));
    }
    return Optional.empty();
  }

  private Tree tree(Node node, int depth) {
    if (depth > MOST_DEPTH || ++nodes > MOST_NODES) {
      throw new YamlEngineException(
          "more than " + MOST_DEPTH + " levels or " + MOST_NODES + " values");
    }
    Origin origin = origin(node.getStartMark());
    return switch (node) {
      case ScalarNode scalar ->
          new Tree.Scalar(scalar.getValue(), scalar.getTag().equals(Tag.NULL), origin);
      case SequenceNode sequence ->
          new Tree.Sequence(
              sequence.getValue().stream().map(item -> tree(item, depth + 1)).toList(), origin);
      case MappingNode mapping -> mapping(mapping, origin, depth);
      default ->
          throw new YamlEngineException("unexpected " + node.getNodeType() + " at " + origin);
    };
  }

  private Tree mapping(MappingNode mapping, Origin origin, int depth) {
    Map<String, Tree.Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Origin keyOrigin = origin(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.add(Problem.of(keyOrigin, "", "a list or mapping as key", "a name"));
        continue;
      }
      Tree value = tree(tuple.getValueNode(), depth + 1);
      Tree.Entry first = entries.putIfAbsent(key.getValue(), new Tree.Entry(keyOrigin, value));
      if (first != null) {
        problems.add(
            Problem.of(
                keyOrigin,
                key.getValue(),
                "a second time",
                "once; the first is at " + first.keyOrigin()));
      }
    }
    return new Tree.Mapping(entries, origin);
  }

  private Origin origin(Optional<Mark> mark) {
    return mark.map(m -> origins.apply(m.getLine() + 1, m.getColumn() + 1))
        .orElseGet(() -> origins.apply(1, 1));
  }
}
