package io.baton.prompt.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the regular part of ECMAScript's expressions: characters, classes, groups, alternatives and
 * repetitions, greedy or not. Looking around, back references and word boundaries are refused.
 */
final class RegexReader {
  private static final int MOST_REPEATS = 10_000;
  private static final int MOST_DEPTH = 100;
  private static final CodePoints DIGITS = CodePoints.of('0', '9');
  private static final CodePoints WORDS =
      DIGITS.or(CodePoints.of('a', 'z')).or(CodePoints.of('A', 'Z')).or(CodePoints.of('_', '_'));
  private static final CodePoints BLANKS =
      CodePoints.of(9, 13).or(CodePoints.of(' ', ' ')).or(CodePoints.of(0xA0, 0xA0));
  private static final CodePoints LINE = CodePoints.of('\n', '\n').or(CodePoints.of('\r', '\r'));

  private final Exprs exprs;
  private final int[] pattern;
  private final CodePoints alphabet;
  private final String place;
  private int at;
  private int depth;
  private long repeats = 1;

  /**
   * A reader of one expression.
   *
   * @param alphabet characters that may be written at all
   * @param place what errors begin with
   */
  RegexReader(Exprs exprs, String pattern, CodePoints alphabet, String place) {
    this.exprs = exprs;
    this.pattern = pattern.codePoints().toArray();
    this.alphabet = alphabet;
    this.place = place;
  }

  /** Texts that the expression matches as a whole; its anchors change nothing. */
  Expr whole() throws GrammarException {
    return branches(exprs.empty);
  }

  /** Texts in which the expression is found somewhere, or where its anchors say. */
  Expr found() throws GrammarException {
    return branches(exprs.many(alphabet.in(exprs)));
  }

  private Expr branches(Expr around) throws GrammarException {
    var options = new ArrayList<Expr>();
    do {
      boolean fromStart = take('^');
      Expr body = sequence();
      boolean toEnd = take('$');
      options.add(
          exprs.sequence(fromStart ? exprs.empty : around, body, toEnd ? exprs.empty : around));
    } while (take('|'));
    if (at < pattern.length) {
      throw problem("unexpected here");
    }
    Expr all = exprs.choice(options);
    if (all == exprs.nothing) {
      throw new GrammarException(place, "matches no text that could be written here");
    }
    return all;
  }

  private Expr sequence() throws GrammarException {
    var parts = new ArrayList<Expr>();
    while (at < pattern.length && "|)$".indexOf(pattern[at]) < 0) {
      parts.add(repeated(atom()));
    }
    return exprs.sequence(parts.toArray(Expr[]::new));
  }

  private Expr atom() throws GrammarException {
    int c = pattern[at];
    return switch (c) {
      case '(' -> group();
      case '[' -> one(characterClass());
      case '.' -> {
        at++;
        yield one(LINE.not());
      }
      case '\\' -> {
        at++;
        yield one(escape());
      }
      case '*', '+', '?', '{', '}', '^', ']' -> throw problem("unexpected here");
      default -> {
        at++;
        yield one(CodePoints.of(c, c));
      }
    };
  }

  private Expr one(CodePoints characters) {
    return characters.and(alphabet).in(exprs);
  }

  private Expr group() throws GrammarException {
    at++;
    if (take('?') && !take(':')) {
      throw problem("only groups of the kind (?: are supported");
    }
    if (++depth > MOST_DEPTH) {
      throw problem("groups nested deeper than " + MOST_DEPTH);
    }
    var options = new ArrayList<Expr>();
    do {
      options.add(sequence());
    } while (take('|'));
    if (at < pattern.length && pattern[at] == '$') {
      throw problem("an anchor inside a group is not supported");
    }
    if (!take(')')) {
      throw problem("a group is not closed");
    }
    depth--;
    return exprs.choice(options);
  }

  private Expr repeated(Expr body) throws GrammarException {
    Expr result = body;
    if (at >= pattern.length) {
      return result;
    }
    switch (pattern[at]) {
      case '*' -> result = counted(body, 0, -1, 1);
      case '+' -> result = counted(body, 1, -1, 1);
      case '?' -> result = counted(body, 0, 1, 1);
      case '{' -> {
        at++;
        int min = number();
        int max = min;
        if (take(',')) {
          max = at < pattern.length && pattern[at] == '}' ? -1 : number();
        }
        if (max >= 0 && max < min) {
          throw problem("the most is less than the least");
        }
        if (at >= pattern.length || pattern[at] != '}') {
          throw problem("expected }");
        }
        repeats *= Math.max(1, Math.max(min, max));
        if (repeats > MOST_REPEATS) {
          throw problem("counted repetitions multiply to more than " + MOST_REPEATS);
        }
        result = counted(body, min, max, 1);
      }
      default -> {
        return result;
      }
    }
    // Whether a repetition is greedy changes no text that it matches.
    take('?');
    if (at < pattern.length && "*+{".indexOf(pattern[at]) >= 0) {
      throw problem("a repetition of a repetition needs a group");
    }
    return result;
  }

  private Expr counted(Expr body, int min, int max, int length) {
    at += length;
    return exprs.repeat(body, min, max);
  }

  private int number() throws GrammarException {
    int from = at;
    int value = 0;
    while (at < pattern.length && pattern[at] >= '0' && pattern[at] <= '9') {
      value = Math.min(MOST_REPEATS + 1, value * 10 + pattern[at++] - '0');
    }
    if (at == from) {
      throw problem("expected a number");
    }
    return value;
  }

  private CodePoints characterClass() throws GrammarException {
    at++;
    boolean negated = take('^');
    CodePoints all = CodePoints.NONE;
    while (!take(']')) {
      CodePoints from = member();
      boolean range = at + 1 < pattern.length && pattern[at] == '-' && pattern[at + 1] != ']';
      if (range && single(from)) {
        at++;
        CodePoints to = member();
        int low = from.ranges().getFirst().from();
        if (!single(to) || to.ranges().getFirst().from() < low) {
          throw problem("a range whose end is before its beginning");
        }
        all = all.or(CodePoints.of(low, to.ranges().getFirst().from()));
      } else {
        all = all.or(from);
      }
    }
    return negated ? all.not() : all;
  }

  private static boolean single(CodePoints set) {
    List<CodePoints.Range> ranges = set.ranges();
    return ranges.size() == 1 && ranges.getFirst().from() == ranges.getFirst().to();
  }

  private CodePoints member() throws GrammarException {
    if (at >= pattern.length) {
      throw problem("a class is not closed");
    }
    int c = pattern[at++];
    return c == '\\' ? escape() : CodePoints.of(c, c);
  }

  private CodePoints escape() throws GrammarException {
    if (at >= pattern.length) {
      throw problem("nothing follows the backslash");
    }
    int c = pattern[at++];
    return switch (c) {
      case 'd' -> DIGITS;
      case 'D' -> DIGITS.not();
      case 'w' -> WORDS;
      case 'W' -> WORDS.not();
      case 's' -> BLANKS;
      case 'S' -> BLANKS.not();
      case 'n' -> CodePoints.of('\n', '\n');
      case 'r' -> CodePoints.of('\r', '\r');
      case 't' -> CodePoints.of('\t', '\t');
      case 'f' -> CodePoints.of('\f', '\f');
      case 'v' -> CodePoints.of(11, 11);
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      default -> {
        if (Character.isLetterOrDigit(c)) {
          throw problem("\\" + Character.toString(c) + " is not supported");
        }
        yield CodePoints.of(c, c);
      }
    };
  }

  private CodePoints hex(int digits) throws GrammarException {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = at < pattern.length ? Character.digit(pattern[at++], 16) : -1;
      if (digit < 0) {
        throw problem("expected " + digits + " hexadecimal digits");
      }
      value = value * 16 + digit;
    }
    return CodePoints.of(value, value);
  }

  private boolean take(int c) {
    boolean there = at < pattern.length && pattern[at] == c;
    if (there) {
      at++;
    }
    return there;
  }

  private GrammarException problem(String what) {
    return new GrammarException(place, what + " (character " + (at + 1) + " of the expression)");
  }
}
