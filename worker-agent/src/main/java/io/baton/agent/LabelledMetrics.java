package io.baton.agent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several processes' worth of Prometheus' text format as one: each sample says by a label whose it
 * is, and a family stands together, as the format demands.
 */
final class LabelledMetrics {
  private static final class Family {
    final List<String> comments = new ArrayList<>(2);
    final List<String> samples = new ArrayList<>();
  }

  private LabelledMetrics() {}

  /**
   * Joins.
   *
   * @param texts by the value of the label
   */
  static String join(String label, Map<String, String> texts) {
    Map<String, Family> families = new LinkedHashMap<>();
    texts.forEach((value, text) -> {
      Family family = new Family();
      for (String line : text.lines().toList()) {
        if (line.startsWith("# HELP ") || line.startsWith("# TYPE ")) {
          String[] words = line.split(" ", 4);
          family = families.computeIfAbsent(words[2], name -> new Family());
          if (family.comments.stream().noneMatch(known -> known.startsWith(kind(line)))) {
            family.comments.add(line);
          }
        } else if (!line.isBlank() && !line.startsWith("#")) {
          family.samples.add(labelled(line, label, value));
        }
      }
    });
    var all = new StringBuilder();
    for (Family family : families.values()) {
      family.comments.forEach(line -> all.append(line).append('\n'));
      family.samples.forEach(line -> all.append(line).append('\n'));
    }
    return all.toString();
  }

  private static String kind(String comment) {
    return comment.substring(0, "# HELP ".length());
  }

  private static String labelled(String line, String label, String value) {
    String own = label + "=\"" + value + "\"";
    int brace = line.indexOf('{');
    int space = line.indexOf(' ');
    if (brace >= 0 && brace < space) {
      String rest = line.substring(brace + 1);
      return line.substring(0, brace + 1) + own + (rest.startsWith("}") ? "" : ",") + rest;
    }
    return line.substring(0, space) + "{" + own + "}" + line.substring(space);
  }
}
