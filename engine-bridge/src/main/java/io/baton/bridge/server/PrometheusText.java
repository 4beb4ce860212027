package io.baton.bridge.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Samples of a server's metrics in Prometheus' text format. Names are normalised: engines that
 * escape {@code sglang:x} as {@code sglang_x} are read as {@code sglang:x}.
 */
public final class PrometheusText {
  /** Prefixes whose colon is lost when an engine answers with escaped names. */
  private static final List<String> PREFIXES = List.of("sglang", "vllm");

  private final List<Sample> samples;

  private PrometheusText(List<Sample> samples) {
    this.samples = samples;
  }

  /** One line. */
  public record Sample(String name, Map<String, String> labels, double value) {}

  /** Reads a scrape; lines that make no sense are skipped. */
  public static PrometheusText parse(String text) {
    var samples = new ArrayList<Sample>();
    text.lines().filter(line -> !line.startsWith("#")).forEach(line -> sample(line, samples));
    return new PrometheusText(samples);
  }

  /** Every sample of a name. */
  public List<Sample> all(String name) {
    return samples.stream().filter(sample -> sample.name().equals(name)).toList();
  }

  /** Sum over the samples of a name whose label has a value; empty if there is none. */
  public OptionalDouble sum(String name, String label, String value) {
    var found = all(name).stream().filter(s -> value.equals(s.labels().get(label))).toList();
    return found.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(found.stream().mapToDouble(Sample::value).sum());
  }

  /**
   * A scrape with normalised names, every line kept otherwise; comments that name a metric too. The
   * marks of OpenMetrics that Prometheus' text format does not know are left out.
   */
  public static String normalise(String text) {
    var out = new StringBuilder(text.length());
    text.lines()
        .filter(line -> !line.startsWith("# EOF"))
        .forEach(line -> out.append(normaliseLine(line)).append('\n'));
    return out.toString();
  }

  private static String normaliseLine(String line) {
    int from = line.startsWith("# HELP ") || line.startsWith("# TYPE ") ? 7 : 0;
    if (from == 0 && line.startsWith("#")) {
      return line;
    }
    return line.substring(0, from) + normaliseName(line.substring(from));
  }

  private static String normaliseName(String name) {
    for (String prefix : PREFIXES) {
      if (name.startsWith(prefix + "_")) {
        return prefix + ":" + name.substring(prefix.length() + 1);
      }
    }
    return name;
  }

  private static void sample(String line, List<Sample> into) {
    int brace = line.indexOf('{');
    int close = brace < 0 ? -1 : line.lastIndexOf('}');
    int nameEnd = brace >= 0 ? brace : line.indexOf(' ');
    if (nameEnd <= 0 || (brace >= 0 && close < brace)) {
      return;
    }
    String rest = line.substring(Math.max(close + 1, nameEnd)).strip();
    int space = rest.indexOf(' ');
    try {
      double value = Double.parseDouble(space < 0 ? rest : rest.substring(0, space));
      Map<String, String> labels = brace < 0 ? Map.of() : labels(line.substring(brace + 1, close));
      into.add(new Sample(normaliseName(line.substring(0, nameEnd)), labels, value));
    } catch (NumberFormatException e) {
      // "NaN" parses, "+Inf" does not and is of no use here.
    }
  }

  private static Map<String, String> labels(String text) {
    var labels = new LinkedHashMap<String, String>();
    int at = 0;
    while (at < text.length()) {
      int equals = text.indexOf("=\"", at);
      if (equals < 0) {
        break;
      }
      var value = new StringBuilder();
      int i = equals + 2;
      while (i < text.length() && text.charAt(i) != '"') {
        if (text.charAt(i) == '\\' && i + 1 < text.length()) {
          i++;
        }
        value.append(text.charAt(i++));
      }
      labels.put(text.substring(at, equals).strip(), value.toString());
      at = i + 1;
      while (at < text.length() && (text.charAt(at) == ',' || text.charAt(at) == ' ')) {
        at++;
      }
    }
    return labels;
  }
}
