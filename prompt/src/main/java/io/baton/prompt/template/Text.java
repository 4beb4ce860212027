package io.baton.prompt.template;

import io.baton.prompt.template.RenderedPrompt.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A template's string value: text, and which ranges of it are data. Immutable. Equal if the text
 * is, since templates compare text.
 */
final class Text {
  static final Text EMPTY = new Text("", new int[0]);

  private final String value;

  /** Pairs of from and to, ascending, not touching. */
  private final int[] data;

  private Text(String value, int[] data) {
    this.value = value;
    this.data = data;
  }

  /** Written by the template. */
  static Text literal(String value) {
    return value.isEmpty() ? EMPTY : new Text(value, new int[0]);
  }

  /** From outside. */
  static Text data(String value) {
    return value.isEmpty() ? EMPTY : new Text(value, new int[] {0, value.length()});
  }

  String value() {
    return value;
  }

  int length() {
    return value.length();
  }

  Text plus(Text other) {
    if (value.isEmpty()) {
      return other;
    }
    if (other.value.isEmpty()) {
      return this;
    }
    return join(List.of(this, other));
  }

  static Text join(List<Text> parts) {
    var joined = new StringBuilder();
    var ranges = new Ranges();
    for (Text part : parts) {
      for (int i = 0; i < part.data.length; i += 2) {
        ranges.add(joined.length() + part.data[i], joined.length() + part.data[i + 1]);
      }
      joined.append(part.value);
    }
    return new Text(joined.toString(), ranges.toArray());
  }

  Text sub(int from, int to) {
    if (from == 0 && to == value.length()) {
      return this;
    }
    var ranges = new Ranges();
    for (int i = 0; i < data.length; i += 2) {
      int start = Math.max(from, data[i]);
      int end = Math.min(to, data[i + 1]);
      if (start < end) {
        ranges.add(start - from, end - from);
      }
    }
    return new Text(value.substring(from, to), ranges.toArray());
  }

  /** Changes each stretch of one kind for itself, so that data stays data. */
  Text map(UnaryOperator<String> change) {
    var parts = new ArrayList<Text>();
    for (Segment segment : segments()) {
      String changed = change.apply(segment.text());
      parts.add(segment.fromTemplate() ? literal(changed) : data(changed));
    }
    return join(parts);
  }

  /** As stretches of one kind. */
  List<Segment> segments() {
    var segments = new ArrayList<Segment>();
    int at = 0;
    for (int i = 0; i < data.length; i += 2) {
      if (at < data[i]) {
        segments.add(new Segment(value.substring(at, data[i]), true));
      }
      segments.add(new Segment(value.substring(data[i], data[i + 1]), false));
      at = data[i + 1];
    }
    if (at < value.length()) {
      segments.add(new Segment(value.substring(at), true));
    }
    return segments;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Text text && text.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }

  /** Collects ranges and merges those that touch. */
  private static final class Ranges {
    private int[] ends = new int[8];
    private int size;

    void add(int from, int to) {
      if (size > 0 && ends[size - 1] == from) {
        ends[size - 1] = to;
        return;
      }
      if (size + 2 > ends.length) {
        ends = Arrays.copyOf(ends, 2 * ends.length);
      }
      ends[size++] = from;
      ends[size++] = to;
    }

    int[] toArray() {
      return Arrays.copyOf(ends, size);
    }
  }
}
