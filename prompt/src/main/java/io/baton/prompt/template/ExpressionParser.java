package io.baton.prompt.template;

import io.baton.prompt.template.Expression.Arguments;
import io.baton.prompt.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads expressions from the tokens of one tag, with Jinja2's precedence. */
final class ExpressionParser {
  private static final int MAX_DEPTH = 200;
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");
  private static final Set<String> AFTER_TEST =
      Set.of("else", "or", "and", "is", "not", "in", "if");

  private final List<Token> tokens;
  private int at;
  private int depth;

  ExpressionParser(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  boolean accept(String text) {
    if (peek().is(text)) {
      at++;
      return true;
    }
    return false;
  }

  void expect(String text) throws TemplateException {
    if (!accept(text)) {
      throw unexpected("'" + text + "'");
    }
  }

  String expectName() throws TemplateException {
    if (peek().kind() != Kind.NAME) {
      throw unexpected("a name");
    }
    return next().text();
  }

  void expectEnd() throws TemplateException {
    if (peek().kind() != Kind.END) {
      throw unexpected("end of tag");
    }
  }

  TemplateException unexpected(String expected) {
    return new TemplateException(
        "unexpected " + peek() + " (expected: " + expected + ")", false, peek().line());
  }

  /** An expression, or several with commas, which make a tuple. */
  Expression tuple() throws TemplateException {
    Expression first = expression();
    if (!peek().is(",")) {
      return first;
    }
    var items = new ArrayList<Expression>(List.of(first));
    while (accept(",")) {
      if (peek().kind() == Kind.END) {
        break;
      }
      items.add(expression());
    }
    return new Expression.ListOf(items, true);
  }

  Expression expression() throws TemplateException {
    if (++depth > MAX_DEPTH) {
      throw new TemplateException("expression nested too deeply", false, peek().line());
    }
    try {
      Expression value = or();
      while (accept("if")) {
        Expression condition = or();
        Optional<Expression> otherwise =
            accept("else") ? Optional.of(expression()) : Optional.empty();
        value = new Expression.Conditional(condition, value, otherwise);
      }
      return value;
    } finally {
      depth--;
    }
  }

  /** Without a trailing {@code if}, which belongs to the loop. */
  Expression withoutCondition() throws TemplateException {
    return or();
  }

  private Expression or() throws TemplateException {
    Expression left = and();
    while (peek().is("or")) {
      int line = next().line();
      left = new Expression.Binary("or", left, and(), line);
    }
    return left;
  }

  private Expression and() throws TemplateException {
    Expression left = not();
    while (peek().is("and")) {
      int line = next().line();
      left = new Expression.Binary("and", left, not(), line);
    }
    return left;
  }

  private Expression not() throws TemplateException {
    if (peek().is("not")) {
      int line = next().line();
      return new Expression.Unary("not", not(), line);
    }
    return comparison();
  }

  private Expression comparison() throws TemplateException {
    int line = peek().line();
    Expression first = sum();
    var others = new ArrayList<Map.Entry<String, Expression>>();
    while (true) {
      if (peek().kind() == Kind.OPERATOR && COMPARISONS.contains(peek().text())) {
        others.add(Map.entry(next().text(), sum()));
      } else if (accept("in")) {
        others.add(Map.entry("in", sum()));
      } else if (peek().is("not") && tokens.get(at + 1).is("in")) {
        at += 2;
        others.add(Map.entry("not in", sum()));
      } else {
        return others.isEmpty() ? first : new Expression.Comparison(first, others, line);
      }
    }
  }

  private Expression sum() throws TemplateException {
    Expression left = concatenation();
    while (peek().is("+") || peek().is("-")) {
      Token operator = next();
      left = new Expression.Binary(operator.text(), left, concatenation(), operator.line());
    }
    return left;
  }

  private Expression concatenation() throws TemplateException {
    Expression left = product();
    while (peek().is("~")) {
      int line = next().line();
      left = new Expression.Binary("~", left, product(), line);
    }
    return left;
  }

  private Expression product() throws TemplateException {
    Expression left = power();
    while (peek().is("*") || peek().is("/") || peek().is("//") || peek().is("%")) {
      Token operator = next();
      left = new Expression.Binary(operator.text(), left, power(), operator.line());
    }
    return left;
  }

  private Expression power() throws TemplateException {
    Expression left = unary(true);
    while (peek().is("**")) {
      int line = next().line();
      left = new Expression.Binary("**", left, unary(true), line);
    }
    return left;
  }

  private Expression unary(boolean withFilters) throws TemplateException {
    Expression value;
    if (peek().is("-") || peek().is("+")) {
      Token sign = next();
      value = new Expression.Unary(sign.text(), unary(false), sign.line());
    } else {
      value = postfix(primary());
    }
    return withFilters ? filters(value) : value;
  }

  private Expression primary() throws TemplateException {
    Token token = next();
    return switch (token.kind()) {
      case STRING -> {
        var text = new StringBuilder(token.text());
        while (peek().kind() == Kind.STRING) {
          text.append(next().text());
        }
        yield new Expression.Constant(Text.literal(text.toString()));
      }
      case INTEGER -> new Expression.Constant(integer(token));
      case FLOAT -> new Expression.Constant(Double.valueOf(token.text()));
      case NAME -> named(token);
      case OPERATOR -> bracketed(token);
      case END -> throw unexpected("a value");
    };
  }

  private static Long integer(Token token) throws TemplateException {
    try {
      return Long.valueOf(token.text());
    } catch (NumberFormatException e) {
      throw new TemplateException("number too large: " + token.text(), false, token.line());
    }
  }

  private static Expression named(Token token) {
    return switch (token.text()) {
      case "true", "True" -> new Expression.Constant(true);
      case "false", "False" -> new Expression.Constant(false);
      case "none", "None" -> new Expression.Constant(null);
      default -> new Expression.Name(token.text(), token.line());
    };
  }

  private Expression bracketed(Token open) throws TemplateException {
    return switch (open.text()) {
      case "(" -> parenthesized();
      case "[" -> list();
      case "{" -> dict();
      default -> {
        at--;
        throw unexpected("a value");
      }
    };
  }

  private Expression parenthesized() throws TemplateException {
    if (accept(")")) {
      return new Expression.ListOf(List.of(), true);
    }
    Expression first = expression();
    if (!peek().is(",")) {
      expect(")");
      return first;
    }
    var items = new ArrayList<Expression>(List.of(first));
    while (accept(",") && !peek().is(")")) {
      items.add(expression());
    }
    expect(")");
    return new Expression.ListOf(items, true);
  }

  private Expression list() throws TemplateException {
    var items = new ArrayList<Expression>();
    while (!peek().is("]")) {
      items.add(expression());
      if (!accept(",")) {
        break;
      }
    }
    expect("]");
    return new Expression.ListOf(items, false);
  }

  private Expression dict() throws TemplateException {
    var entries = new ArrayList<Map.Entry<Expression, Expression>>();
    while (!peek().is("}")) {
      Expression key = expression();
      expect(":");
      entries.add(Map.entry(key, expression()));
      if (!accept(",")) {
        break;
      }
    }
    expect("}");
    return new Expression.DictOf(entries);
  }

  private Expression postfix(Expression start) throws TemplateException {
    Expression value = start;
    while (true) {
      Token token = peek();
      if (accept(".")) {
        Token name = next();
        Expression key =
            name.kind() == Kind.INTEGER
                ? new Expression.Constant(integer(name))
                : new Expression.Constant(Text.literal(name.text()));
        value = new Expression.Member(value, key, name.kind() == Kind.NAME, token.line());
      } else if (accept("[")) {
        value = subscript(value, token.line());
      } else if (accept("(")) {
        value = new Expression.Call(value, arguments(), token.line());
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression target, int line) throws TemplateException {
    Optional<Expression> from = Optional.empty();
    if (!peek().is(":")) {
      from = Optional.of(expression());
      if (accept("]")) {
        return new Expression.Member(target, from.get(), false, line);
      }
    }
    expect(":");
    Optional<Expression> to = Optional.empty();
    Optional<Expression> step = Optional.empty();
    if (!peek().is("]") && !peek().is(":")) {
      to = Optional.of(expression());
    }
    if (accept(":") && !peek().is("]")) {
      step = Optional.of(expression());
    }
    expect("]");
    return new Expression.Slice(target, from, to, step, line);
  }

  /** After the opening parenthesis. */
  private Arguments arguments() throws TemplateException {
    var positional = new ArrayList<Expression>();
    var named = new LinkedHashMap<String, Expression>();
    while (!peek().is(")")) {
      if (peek().kind() == Kind.NAME && tokens.get(at + 1).is("=")) {
        String name = next().text();
        expect("=");
        named.put(name, expression());
      } else {
        positional.add(expression());
      }
      if (!accept(",")) {
        break;
      }
    }
    expect(")");
    return new Arguments(positional, named);
  }

  private Expression filters(Expression start) throws TemplateException {
    Expression value = start;
    while (true) {
      Token token = peek();
      if (accept("|")) {
        String name = expectName();
        Arguments arguments = accept("(") ? arguments() : Arguments.NONE;
        value = new Expression.Filter(value, name, arguments, token.line());
      } else if (accept("is")) {
        boolean negated = accept("not");
        String name = expectName();
        value = new Expression.Test(value, name, testArguments(), negated, token.line());
      } else if (accept("(")) {
        value = new Expression.Call(value, arguments(), token.line());
      } else {
        return value;
      }
    }
  }

  /** In parentheses, or a single value after the test's name. */
  private Arguments testArguments() throws TemplateException {
    if (accept("(")) {
      return arguments();
    }
    Token token = peek();
    boolean value =
        switch (token.kind()) {
          case STRING, INTEGER, FLOAT -> true;
          case NAME -> !AFTER_TEST.contains(token.text());
          case OPERATOR -> token.text().equals("[") || token.text().equals("{");
          case END -> false;
        };
    return value ? new Arguments(List.of(postfix(primary())), Map.of()) : Arguments.NONE;
  }
}
