package io.baton.gateway.api;

import java.util.SplittableRandom;

/** JSON documents as text, with blanks, escapes and odd strings where the grammar has room. */
final class RandomJson {
  private static final String[] NAMES = {"id", "model", "object", "choices", "i\\u0064", "é", ""};

  private final SplittableRandom random;

  RandomJson(SplittableRandom random) {
    this.random = random;
  }

  String value(int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> "null";
      case 1 -> random.nextBoolean() ? "true" : "false";
      case 2 -> random.nextInt(-1000, 1000) + (random.nextBoolean() ? "" : ".50e1");
      case 3, 4 -> string();
      case 5 -> array(depth);
      default -> object(depth);
    };
  }

  private String array(int depth) {
    var out = new StringBuilder("[");
    for (int i = random.nextInt(4); i > 0; i--) {
      out.append(blanks()).append(value(depth - 1)).append(blanks()).append(i > 1 ? "," : "");
    }
    return out.append(blanks()).append(']').toString();
  }

  private String object(int depth) {
    var out = new StringBuilder("{");
    for (int i = random.nextInt(4); i > 0; i--) {
      out.append(member(NAMES[random.nextInt(NAMES.length)], value(depth - 1)))
          .append(i > 1 ? "," : "");
    }
    return out.append(blanks()).append('}').toString();
  }

  String member(String name, String value) {
    return blanks() + "\"" + name + "\"" + blanks() + ":" + blanks() + value + blanks();
  }

  String string() {
    String[] parts = {
      "a", "\\\"", "\\\\", "\\n", "\\u00e9", "é", "日本", "😀", "\\ud83d\\ude00", "id", "}", ":"
    };
    var out = new StringBuilder("\"");
    for (int i = random.nextInt(6); i > 0; i--) {
      out.append(parts[random.nextInt(parts.length)]);
    }
    return out.append('"').toString();
  }

  String blanks() {
    return " \n\t ".substring(0, random.nextInt(4));
  }

  boolean coin() {
    return random.nextBoolean();
  }
}
