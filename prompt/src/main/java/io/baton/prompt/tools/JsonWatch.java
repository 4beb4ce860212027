package io.baton.prompt.tools;

import java.util.regex.Pattern;

/** Follows one JSON value letter by letter and knows where it ends, or that it is none. */
final class JsonWatch {
  /** What a letter means. */
  enum Verdict {
    /** Part of the value, which goes on. */
    MORE,
    /** The value's last letter. */
    END,
    /** The value, a number or word, ended before this letter. */
    END_BEFORE,
    /** No JSON value begins like this. */
    BROKEN
  }

  private enum State {
    VALUE,
    VALUE_OR_END,
    KEY,
    KEY_OR_END,
    COLON,
    COMMA_OR_END,
    STRING,
    ESCAPE,
    HEX,
    SCALAR
  }

  private static final int MAX_DEPTH = 200;
  private static final Pattern SCALARS =
      Pattern.compile("true|false|null|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  private final StringBuilder open = new StringBuilder();
  private final StringBuilder scalar = new StringBuilder();
  private State state = State.VALUE;
  private boolean key;
  private int hexLeft;

  Verdict accept(char c) {
    return switch (state) {
      case STRING -> inString(c);
      case ESCAPE -> escape(c);
      case HEX -> hex(c);
      case SCALAR -> inScalar(c);
      default -> isBlank(c) ? Verdict.MORE : between(c);
    };
  }

  static boolean isBlank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  private Verdict between(char c) {
    return switch (state) {
      case VALUE -> value(c);
      case VALUE_OR_END -> c == ']' ? close(c) : value(c);
      case KEY, KEY_OR_END -> {
        if (c == '"') {
          key = true;
          yield to(State.STRING);
        }
        yield c == '}' && state == State.KEY_OR_END ? close(c) : Verdict.BROKEN;
      }
      case COLON -> c == ':' ? to(State.VALUE) : Verdict.BROKEN;
      default -> afterValue(c);
    };
  }

  private Verdict afterValue(char c) {
    if (c == ',') {
      return to(top() == '{' ? State.KEY : State.VALUE);
    }
    return close(c);
  }

  private Verdict value(char c) {
    if (c == '{' || c == '[') {
      if (open.length() == MAX_DEPTH) {
        return Verdict.BROKEN;
      }
      open.append(c);
      return to(c == '{' ? State.KEY_OR_END : State.VALUE_OR_END);
    }
    if (c == '"') {
      key = false;
      return to(State.STRING);
    }
    if (c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n') {
      scalar.setLength(0);
      scalar.append(c);
      return to(State.SCALAR);
    }
    return Verdict.BROKEN;
  }

  private Verdict close(char c) {
    boolean fits = (c == '}' && top() == '{') || (c == ']' && top() == '[');
    if (!fits) {
      return Verdict.BROKEN;
    }
    open.setLength(open.length() - 1);
    return valueDone();
  }

  private char top() {
    return open.isEmpty() ? 0 : open.charAt(open.length() - 1);
  }

  private Verdict valueDone() {
    state = State.COMMA_OR_END;
    return open.isEmpty() ? Verdict.END : Verdict.MORE;
  }

  private Verdict inString(char c) {
    if (c == '"') {
      return key ? to(State.COLON) : valueDone();
    }
    if (c == '\\') {
      return to(State.ESCAPE);
    }
    return c < ' ' ? Verdict.BROKEN : Verdict.MORE;
  }

  private Verdict escape(char c) {
    if (c == 'u') {
      hexLeft = 4;
      return to(State.HEX);
    }
    return "\"\\/bfnrt".indexOf(c) >= 0 ? to(State.STRING) : Verdict.BROKEN;
  }

  private Verdict hex(char c) {
    if (Character.digit(c, 16) < 0) {
      return Verdict.BROKEN;
    }
    return --hexLeft == 0 ? to(State.STRING) : Verdict.MORE;
  }

  private Verdict inScalar(char c) {
    boolean part = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || "+-.E".indexOf(c) >= 0;
    if (part) {
      scalar.append(c);
      return scalar.length() > 64 ? Verdict.BROKEN : Verdict.MORE;
    }
    if (!SCALARS.matcher(scalar).matches()) {
      return Verdict.BROKEN;
    }
    if (valueDone() == Verdict.END) {
      return Verdict.END_BEFORE;
    }
    return accept(c);
  }

  private Verdict to(State next) {
    state = next;
    return Verdict.MORE;
  }
}
