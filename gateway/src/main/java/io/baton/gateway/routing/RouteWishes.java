package io.baton.gateway.routing;

import io.baton.gateway.api.ApiException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks of routing by its headers; the names are in docs/routing.md.
 *
 * @param worker the only worker that may be chosen; empty: any
 * @param labels that the worker must have, each with this value
 * @param way whether one worker or a pair is to do it; empty: whichever is estimated to be faster
 * @param temperature instead of the configured one
 * @param session what belongs together, such as a conversation; empty: unknown
 * @param receipt whether the answer is to carry the receipt
 */
public record RouteWishes(
    String worker,
    Map<String, String> labels,
    Optional<Way> way,
    OptionalDouble temperature,
    String session,
    boolean receipt) {
  public static final String WORKER = "x-baton-worker";
  public static final String LABELS = "x-baton-labels";
  public static final String ROLE = "x-baton-role";
  public static final String TEMPERATURE = "x-baton-route-temperature";
  public static final String SESSION = "x-baton-session";

  /** Asks for the receipt, and carries it back. */
  public static final String RECEIPT = "x-baton-receipt";

  /** Nothing is asked. */
  public static final RouteWishes NONE =
      new RouteWishes("", Map.of(), Optional.empty(), OptionalDouble.empty(), "", false);

  private static final int MAX_SESSION = 256;
  private static final int MAX_LABELS = 16;
  private static final double MAX_TEMPERATURE = 100;

  /** Who does a request. */
  public enum Way {
    /** One aggregated worker. */
    AGGREGATED,
    /** A prefill and a decode worker. */
    DISAGGREGATED,
    /** One decode worker that computes the prompt too. */
    DECODE
  }

  /** Copies the labels. */
  public RouteWishes {
    labels = Map.copyOf(labels);
  }

  /**
   * Reads headers.
   *
   * @param header value by lower-case name, or null
   * @throws ApiException 400 naming the header that is wrong
   */
  public static RouteWishes parse(Function<String, @Nullable String> header) throws ApiException {
    return new RouteWishes(
        text(header, WORKER),
        labels(text(header, LABELS)),
        way(text(header, ROLE)),
        temperature(text(header, TEMPERATURE)),
        session(text(header, SESSION)),
        receipt(text(header, RECEIPT)));
  }

  /** Whether it asks for more than anybody may: a session is only a hint. */
  public boolean steers() {
    return receipt
        || !worker.isEmpty()
        || !labels.isEmpty()
        || way.isPresent()
        || temperature.isPresent();
  }

  private static String text(Function<String, @Nullable String> header, String name) {
    String value = header.apply(name);
    return value == null ? "" : value.strip();
  }

  private static Map<String, String> labels(String text) throws ApiException {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String word : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int equals = word.indexOf('=');
      if (equals <= 0 || labels.size() == MAX_LABELS) {
        throw wrong(LABELS, text, "up to " + MAX_LABELS + " of KEY=VALUE, separated by commas");
      }
      labels.put(word.substring(0, equals).strip(), word.substring(equals + 1).strip());
    }
    return labels;
  }

  private static Optional<Way> way(String text) throws ApiException {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    for (Way way : Way.values()) {
      if (way.name().equalsIgnoreCase(text)) {
        return Optional.of(way);
      }
    }
    String known =
        Arrays.stream(Way.values())
            .map(way -> way.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    throw wrong(ROLE, text, known);
  }

  private static OptionalDouble temperature(String text) throws ApiException {
    if (text.isEmpty()) {
      return OptionalDouble.empty();
    }
    try {
      double value = Double.parseDouble(text);
      if (value >= 0 && value <= MAX_TEMPERATURE) {
        return OptionalDouble.of(value);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw wrong(TEMPERATURE, text, "0 to " + MAX_TEMPERATURE);
  }

  private static String session(String text) throws ApiException {
    if (text.length() > MAX_SESSION) {
      throw wrong(SESSION, text.length() + " characters", "at most " + MAX_SESSION);
    }
    return text;
  }

  private static boolean receipt(String text) throws ApiException {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "", "0", "false" -> false;
      case "1", "true" -> true;
      default -> throw wrong(RECEIPT, text, "1 or 0");
    };
  }

  private static ApiException wrong(String name, String value, String expected) {
    return ApiException.invalid(name, name + ": " + value + " (expected: " + expected + ")");
  }
}
