package io.baton.prompt.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code [f(a=1, b="x"), g()]}: Python's calls with keyword arguments and literals. */
final class PythonCalls {
  /** A call and its arguments as JSON text. */
  record Call(String name, String arguments) {}

  private static final int MAX_DEPTH = 50;

  private final String text;
  private int at;

  private PythonCalls(String text) {
    this.text = text;
  }

  /** The calls; empty if the text is anything else. */
  static Optional<List<Call>> parse(String text) {
    try {
      return Optional.of(new PythonCalls(text).list());
    } catch (NotPythonException e) {
      return Optional.empty();
    }
  }

  private List<Call> list() throws NotPythonException {
    var calls = new ArrayList<Call>();
    expect('[');
    do {
      calls.add(call());
    } while (take(','));
    expect(']');
    if (peek() != 0) {
      throw new NotPythonException();
    }
    return calls;
  }

  private Call call() throws NotPythonException {
    String name = name();
    var arguments = new LinkedHashMap<String, Object>();
    expect('(');
    while (!take(')')) {
      String key = name();
      expect('=');
      arguments.put(key, value(0));
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    var json = new StringBuilder("{");
    for (Map.Entry<String, Object> argument : arguments.entrySet()) {
      json.append(json.length() > 1 ? ", " : "").append(JsonStrings.encode(argument.getKey()));
      json.append(": ").append(argument.getValue());
    }
    return new Call(name, json.append('}').toString());
  }

  private String name() throws NotPythonException {
    peek();
    int from = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "_.-".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    if (from == at || Character.isDigit(text.charAt(from))) {
      throw new NotPythonException();
    }
    return text.substring(from, at);
  }

  /** A literal, as JSON text. */
  private String value(int depth) throws NotPythonException {
    if (depth > MAX_DEPTH) {
      throw new NotPythonException();
    }
    char c = peek();
    return switch (c) {
      case '"', '\'' -> JsonStrings.encode(string(c));
      case '[' -> items('[', ']', depth);
      case '(' -> items('(', ')', depth);
      case '{' -> dictionary(depth);
      default -> word();
    };
  }

  private String items(char open, char close, int depth) throws NotPythonException {
    expect(open);
    var json = new StringBuilder("[");
    while (!take(close)) {
      json.append(json.length() > 1 ? ", " : "").append(value(depth + 1));
      if (!take(',')) {
        expect(close);
        break;
      }
    }
    return json.append(']').toString();
  }

  private String dictionary(int depth) throws NotPythonException {
    expect('{');
    var json = new StringBuilder("{");
    while (!take('}')) {
      char quote = peek();
      if (quote != '"' && quote != '\'') {
        throw new NotPythonException();
      }
      json.append(json.length() > 1 ? ", " : "").append(JsonStrings.encode(string(quote)));
      expect(':');
      json.append(": ").append(value(depth + 1));
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    return json.append('}').toString();
  }

  private String string(char quote) throws NotPythonException {
    expect(quote);
    var value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == quote) {
        return value.toString();
      }
      if (c == '\\' && at < text.length()) {
        char escaped = text.charAt(at++);
        value.append(
            switch (escaped) {
              case 'n' -> "\n";
              case 't' -> "\t";
              case 'r' -> "\r";
              case '\\', '\'', '"' -> String.valueOf(escaped);
              default -> "\\" + escaped;
            });
      } else {
        value.append(c);
      }
    }
    throw new NotPythonException();
  }

  private String word() throws NotPythonException {
    int from = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    String word = text.substring(from, at);
    return switch (word) {
      case "True", "true" -> "true";
      case "False", "false" -> "false";
      case "None", "null" -> "null";
      default -> {
        if (word.isEmpty() || !JsonStrings.isJson(word)) {
          throw new NotPythonException();
        }
        yield word;
      }
    };
  }

  /** The next letter that is no blank; 0 at the end. */
  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private boolean take(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char c) throws NotPythonException {
    if (!take(c)) {
      throw new NotPythonException();
    }
  }

  private static final class NotPythonException extends Exception {
    NotPythonException() {
      super("not a list of calls", null, false, false);
    }
  }
}
