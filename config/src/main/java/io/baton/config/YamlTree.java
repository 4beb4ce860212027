package io.baton.config;

import io.baton.config.ConfigNode.Entry;
import io.baton.config.ConfigNode.Mapping;
import io.baton.config.ConfigNode.Scalar;
import io.baton.config.ConfigNode.Sequence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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

/** Reads YAML into a tree that knows where everything stood. */
final class YamlTree {
  private YamlTree() {}

  /**
   * Reads one document.
   *
   * @param origins from a mark in the text to an origin
   */
  static Optional<ConfigNode> parse(String yaml, Function<Mark, Origin> origins)
      throws ConfigException {
    try {
      var settings = LoadSettings.builder().setAllowDuplicateKeys(false).build();
      return new Compose(settings).composeString(yaml).map(node -> convert(node, origins));
    } catch (MarkedYamlEngineException e) {
      Origin at = e.getProblemMark().map(origins).orElse(new Origin("YAML"));
      throw new ConfigException(List.of(new Problem(at, "", "not valid YAML: " + e.getProblem())));
    } catch (YamlEngineException e) {
      throw new ConfigException(
          List.of(new Problem(new Origin("YAML"), "", "not valid YAML: " + e.getMessage())));
    }
  }

  private static ConfigNode convert(Node node, Function<Mark, Origin> origins) {
    Origin origin = node.getStartMark().map(origins).orElse(Origin.DEFAULT);
    return switch (node) {
      case MappingNode mapping -> {
        var entries = new LinkedHashMap<String, Entry>();
        for (NodeTuple tuple : mapping.getValue()) {
          Node key = tuple.getKeyNode();
          String name = key instanceof ScalarNode scalar ? scalar.getValue() : key.toString();
          Origin keyOrigin = key.getStartMark().map(origins).orElse(origin);
          entries.put(name, new Entry(keyOrigin, convert(tuple.getValueNode(), origins)));
        }
        yield new Mapping(entries, origin);
      }
      case SequenceNode sequence ->
          new Sequence(
              sequence.getValue().stream().map(item -> convert(item, origins)).toList(), origin);
      case ScalarNode scalar ->
          new Scalar(scalar.getValue(), scalar.getTag().equals(Tag.NULL), origin);
      default -> new Scalar(node.toString(), false, origin);
    };
  }
}
