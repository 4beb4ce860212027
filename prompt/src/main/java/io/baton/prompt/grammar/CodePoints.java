package io.baton.prompt.grammar;

import java.util.ArrayList;
import java.util.List;

/** A set of characters, as sorted ranges that neither touch nor overlap. */
record CodePoints(List<Range> ranges) {
  /** All characters from one to another, both included. */
  record Range(int from, int to) {}

  private static final int SURROGATES = 0xD800;
  private static final int AFTER_SURROGATES = 0xE000;
  private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, Character.MAX_CODE_POINT};

  static final CodePoints NONE = new CodePoints(List.of());
  static final CodePoints ALL = of(0, SURROGATES - 1).or(of(AFTER_SURROGATES, 0x10FFFF));

  static CodePoints of(int from, int to) {
    return new CodePoints(List.of(new Range(from, to)));
  }

  CodePoints or(CodePoints other) {
    var all = new ArrayList<Range>(ranges);
    all.addAll(other.ranges);
    all.sort((a, b) -> Integer.compare(a.from, b.from));
    var merged = new ArrayList<Range>();
    for (Range next : all) {
      Range last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && next.from <= last.to + 1) {
        merged.set(merged.size() - 1, new Range(last.from, Math.max(last.to, next.to)));
      } else {
        merged.add(next);
      }
    }
    return new CodePoints(List.copyOf(merged));
  }

  CodePoints and(CodePoints other) {
    var both = new ArrayList<Range>();
    for (Range a : ranges) {
      for (Range b : other.ranges) {
        int from = Math.max(a.from, b.from);
        int to = Math.min(a.to, b.to);
        if (from <= to) {
          both.add(new Range(from, to));
        }
      }
    }
    return NONE.or(new CodePoints(both));
  }

  /** All characters but these. */
  CodePoints not() {
    var rest = new ArrayList<Range>();
    int next = 0;
    for (Range range : ranges) {
      if (range.from > next) {
        rest.add(new Range(next, range.from - 1));
      }
      next = range.to + 1;
    }
    if (next <= Character.MAX_CODE_POINT) {
      rest.add(new Range(next, Character.MAX_CODE_POINT));
    }
    return new CodePoints(rest).and(ALL);
  }

  /** One of these characters in UTF-8. */
  Expr in(Exprs exprs) {
    var options = new ArrayList<Expr>();
    ByteSet ascii = new ByteSet(0, 0, 0, 0);
    for (Range range : and(ALL).ranges) {
      int from = range.from;
      for (int length = 1; length <= LAST_OF_LENGTH.length; length++) {
        int to = Math.min(range.to, LAST_OF_LENGTH[length - 1]);
        if (from <= to) {
          if (length == 1) {
            ascii = ascii.or(ByteSet.range(from, to));
          } else {
            tails(exprs, from, to, length, options);
          }
          from = to + 1;
        }
      }
    }
    options.add(exprs.bytes(ascii));
    return exprs.choice(options);
  }

  /** Splits a range of characters of one length so that each part is a product of byte ranges. */
  private static void tails(Exprs exprs, int from, int to, int length, List<Expr> options) {
    for (int bits = 6; bits < 6 * length; bits += 6) {
      int low = (1 << bits) - 1;
      if ((from & ~low) != (to & ~low)) {
        if ((from & low) != 0) {
          tails(exprs, from, from | low, length, options);
          tails(exprs, (from | low) + 1, to, length, options);
          return;
        }
        if ((to & low) != low) {
          tails(exprs, from, (to & ~low) - 1, length, options);
          tails(exprs, to & ~low, to, length, options);
          return;
        }
      }
    }
    int[] first = utf8(from, length);
    int[] last = utf8(to, length);
    Expr product = exprs.empty;
    for (int i = length - 1; i >= 0; i--) {
      product = exprs.sequence(exprs.bytes(ByteSet.range(first[i], last[i])), product);
    }
    options.add(product);
  }

  private static int[] utf8(int codePoint, int length) {
    int[] bytes = new int[length];
    int rest = codePoint;
    for (int i = length - 1; i > 0; i--) {
      bytes[i] = 0x80 | (rest & 0x3F);
      rest >>= 6;
    }
    bytes[0] = (0xF00 >> length & 0xFF) | rest;
    return bytes;
  }
}
