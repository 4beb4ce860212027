package io.baton.prompt.template;

import io.baton.prompt.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Cuts the inside of a tag into tokens. */
final class ExpressionLexer {
  private static final List<String> LONG_OPERATORS = List.of("**", "//", "==", "!=", "<=", ">=");
  private static final String OPERATORS = "+-*/%~<>=()[]{},.:|";

  private final String source;
  private final int end;
  private int at;
  private int line;

  private ExpressionLexer(String source, int from, int to, int line) {
    this.source = source;
    this.at = from;
    this.end = to;
    this.line = line;
  }

  static List<Token> tokens(String source, int from, int to, int line) throws TemplateException {
    return new ExpressionLexer(source, from, to, line).run();
  }

  private List<Token> run() throws TemplateException {
    var tokens = new ArrayList<Token>();
    while (at < end) {
      char c = source.charAt(at);
      if (Character.isWhitespace(c)) {
        line += c == '\n' ? 1 : 0;
        at++;
      } else if (c == '\'' || c == '"') {
        tokens.add(string(c));
      } else if (c >= '0' && c <= '9') {
        tokens.add(number());
      } else if (Character.isLetter(c) || c == '_') {
        tokens.add(name());
      } else {
        tokens.add(operator());
      }
    }
    tokens.add(new Token(Kind.END, "", line));
    return tokens;
  }

  private Token string(char quote) throws TemplateException {
    int startLine = line;
    var text = new StringBuilder();
    at++;
    while (at < end && source.charAt(at) != quote) {
      char c = source.charAt(at++);
      line += c == '\n' ? 1 : 0;
      if (c == '\\' && at < end) {
        escape(text);
      } else {
        text.append(c);
      }
    }
    if (at >= end) {
      throw new TemplateException("a string is not closed", false, startLine);
    }
    at++;
    return new Token(Kind.STRING, text.toString(), startLine);
  }

  private void escape(StringBuilder text) throws TemplateException {
    char c = source.charAt(at++);
    switch (c) {
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case '\\', '\'', '"' -> text.append(c);
      case '\n' -> line++;
      case 'x' -> text.appendCodePoint(hex(2));
      case 'u' -> text.appendCodePoint(hex(4));
      case 'U' -> text.appendCodePoint(hex(8));
      default -> text.append('\\').append(c);
    }
  }

  private int hex(int digits) throws TemplateException {
    try {
      int code = Integer.parseInt(source, at, Math.min(end, at + digits), 16);
      at += digits;
      return code;
    } catch (NumberFormatException e) {
      throw new TemplateException("a broken escape in a string", false, line);
    }
  }

  private Token number() {
    int from = at;
    boolean isFloat = false;
    while (at < end && isPartOfNumber(from, source.charAt(at))) {
      isFloat |= source.charAt(at) == '.' || source.charAt(at) == 'e' || source.charAt(at) == 'E';
      at++;
    }
    String text = source.substring(from, at).replace("_", "");
    return new Token(isFloat ? Kind.FLOAT : Kind.INTEGER, text, line);
  }

  private boolean isPartOfNumber(int from, char c) {
    boolean digit = (c >= '0' && c <= '9') || c == '_';
    boolean point =
        c == '.'
            && at + 1 < end
            && Character.isDigit(source.charAt(at + 1))
            && source.indexOf(".", from) == at;
    boolean exponent = (c == 'e' || c == 'E') && at + 1 < end;
    boolean sign = (c == '+' || c == '-') && "eE".indexOf(source.charAt(at - 1)) >= 0;
    return digit || point || exponent || sign;
  }

  private Token name() {
    int from = at;
    while (at < end && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
      at++;
    }
    return new Token(Kind.NAME, source.substring(from, at), line);
  }

  private Token operator() throws TemplateException {
    for (String operator : LONG_OPERATORS) {
      if (source.startsWith(operator, at) && at + 2 <= end) {
        at += 2;
        return new Token(Kind.OPERATOR, operator, line);
      }
    }
    String operator = source.substring(at, at + 1);
    if (!OPERATORS.contains(operator)) {
      throw new TemplateException("unexpected character '" + operator + "'", false, line);
    }
    at++;
    return new Token(Kind.OPERATOR, operator, line);
  }
}
