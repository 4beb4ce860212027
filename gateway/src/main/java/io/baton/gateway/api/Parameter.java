package io.baton.gateway.api;

import java.util.List;

/**
 * One parameter of an endpoint: what the parser checks and {@code /openapi.json} shows.
 *
 * @param min least value; NaN: no bound
 * @param max greatest value; NaN: no bound
 * @param note one sentence for readers
 */
public record Parameter(
    String name, Kind kind, double min, double max, Treatment treatment, String note) {

  /** JSON types. */
  public enum Kind {
    STRING("string"),
    BOOLEAN("boolean"),
    INTEGER("integer"),
    NUMBER("number"),
    OBJECT("object"),
    ARRAY("array"),
    STRING_OR_ARRAY("string array"),
    STRING_OR_OBJECT("string object"),
    ANY("");

    private final String types;

    Kind(String types) {
      this.types = types;
    }

    /** JSON Schema's type names; empty: any. */
    public List<String> types() {
      return types.isEmpty() ? List.of() : List.of(types.split(" ", -1));
    }
  }

  /** What happens to it in the {@code tokens} form; in the {@code openai} form all is passed on. */
  public enum Treatment {
    /** Does what its documentation says. */
    HONOURED,
    /** Taken and without effect, as documented. */
    IGNORED,
    /** Refused by name, unless its value asks for nothing: null, false, 0, empty. */
    REFUSED
  }

  static Parameter of(String name, Kind kind, String note) {
    return new Parameter(name, kind, Double.NaN, Double.NaN, Treatment.HONOURED, note);
  }

  Parameter within(double least, double most) {
    return new Parameter(name, kind, least, most, treatment, note);
  }

  static Parameter ignored(String name, Kind kind, String note) {
    return new Parameter(name, kind, Double.NaN, Double.NaN, Treatment.IGNORED, note);
  }

  static Parameter refused(String name, Kind kind, String note) {
    return new Parameter(name, kind, Double.NaN, Double.NaN, Treatment.REFUSED, note);
  }

  /** The parameter with more said about it. */
  Parameter note(String words) {
    return new Parameter(name, kind, min, max, treatment, words);
  }
}
