package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.gateway.api.Parameter.Treatment;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The parameters of one endpoint. Immutable. */
public final class ParameterTable {
  private final Map<String, Parameter> byName = new LinkedHashMap<>();

  private ParameterTable(Stream<Parameter> parameters) {
    parameters.forEach(p -> byName.put(p.name(), p));
  }

  static ParameterTable of(Parameter[]... groups) {
    return new ParameterTable(Arrays.stream(groups).flatMap(Arrays::stream));
  }

  public Collection<Parameter> all() {
    return byName.values();
  }

  /** The parameter of this name. */
  Optional<Parameter> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * Refuses what is declared as refused, and unknown names if they count.
   *
   * @throws ApiException naming the parameter
   */
  void check(JsonNode body, boolean rejectUnknown) throws ApiException {
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      Parameter parameter = byName.get(member.getKey());
      if (parameter == null) {
        if (rejectUnknown) {
          throw ApiException.unknownParameter(member.getKey());
        }
      } else if (parameter.treatment() == Treatment.REFUSED
          && asksForSomething(member.getValue())) {
        throw ApiException.unsupported(
            parameter.name(),
            parameter.name() + ": not supported for this model. " + parameter.note());
      }
    }
  }

  /** {@code null}, {@code false}, {@code 0} and empty values ask for nothing. */
  private static boolean asksForSomething(JsonNode node) {
    boolean empty = node.isContainerNode() && node.isEmpty();
    boolean off =
        (node.isBoolean() && !node.booleanValue())
            || (node.isNumber() && node.doubleValue() == 0)
            || (node.isTextual() && node.textValue().isEmpty());
    return !node.isNull() && !empty && !off;
  }
}
