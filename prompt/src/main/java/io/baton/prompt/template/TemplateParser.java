package io.baton.prompt.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the statements of a template. */
final class TemplateParser {
  private static final int MAX_DEPTH = 100;

  private final List<Piece> pieces;
  private int at;
  private int depth;

  private TemplateParser(List<Piece> pieces) {
    this.pieces = pieces;
  }

  static List<Statement> parse(String source) throws TemplateException {
    var parser = new TemplateParser(TemplateLexer.pieces(source));
    List<Statement> statements = parser.until(Set.of());
    if (parser.at < parser.pieces.size() && parser.pieces.get(parser.at) instanceof Piece.Tag tag) {
      throw new TemplateException("unexpected tag " + tag.tokens().getFirst(), false, tag.line());
    }
    return statements;
  }

  /** Statements up to one of these tags, which is left to be read. */
  private List<Statement> until(Set<String> ends) throws TemplateException {
    if (++depth > MAX_DEPTH) {
      throw new TemplateException("blocks nested too deeply", false, line());
    }
    var statements = new ArrayList<Statement>();
    while (at < pieces.size()) {
      switch (pieces.get(at)) {
        case Piece.Plain plain -> {
          at++;
          statements.add(new Statement.Write(Text.literal(plain.text())));
        }
        case Piece.Output output -> {
          at++;
          var parser = new ExpressionParser(output.tokens());
          Expression value = parser.tuple();
          parser.expectEnd();
          statements.add(new Statement.Print(value, output.line()));
        }
        case Piece.Tag tag -> {
          String name = tag.tokens().getFirst().text();
          if (ends.contains(name) || name.startsWith("end") || name.startsWith("el")) {
            depth--;
            return statements;
          }
          at++;
          statements.add(statement(tag));
        }
      }
    }
    depth--;
    return statements;
  }

  private int line() {
    return at < pieces.size() && pieces.get(at) instanceof Piece.Tag tag ? tag.line() : 0;
  }

  private Statement statement(Piece.Tag tag) throws TemplateException {
    var parser = new ExpressionParser(tag.tokens());
    String name = parser.expectName();
    return switch (name) {
      case "if" -> ifStatement(parser);
      case "for" -> forStatement(parser, tag.line());
      case "set" -> setStatement(parser, tag.line());
      case "macro" -> macro(parser);
      case "generation" -> {
        parser.expectEnd();
        List<Statement> body = until(Set.of("endgeneration"));
        endTag("endgeneration");
        yield new Statement.Block(body);
      }
      case "break" -> new Statement.Break();
      case "continue" -> new Statement.Continue();
      default ->
          throw new TemplateException(
              "unknown tag '"
                  + name
                  + "' (expected: if, for, set, macro, generation, break, continue)",
              false,
              tag.line());
    };
  }

  private Statement ifStatement(ExpressionParser first) throws TemplateException {
    var branches = new ArrayList<Map.Entry<Expression, List<Statement>>>();
    List<Statement> otherwise = List.of();
    Expression condition = first.tuple();
    first.expectEnd();
    branches.add(Map.entry(condition, until(Set.of("elif", "else", "endif"))));
    while (true) {
      ExpressionParser parser = tag("endif");
      if (parser.accept("elif")) {
        Expression next = parser.tuple();
        parser.expectEnd();
        branches.add(Map.entry(next, until(Set.of("elif", "else", "endif"))));
      } else if (parser.accept("else")) {
        otherwise = until(Set.of("endif"));
      } else {
        parser.expect("endif");
        return new Statement.If(branches, otherwise);
      }
    }
  }

  private Statement forStatement(ExpressionParser parser, int line) throws TemplateException {
    var targets = new ArrayList<String>();
    boolean parenthesized = parser.accept("(");
    do {
      targets.add(parser.expectName());
    } while (parser.accept(","));
    if (parenthesized) {
      parser.expect(")");
    }
    parser.expect("in");
    Expression items = parser.withoutCondition();
    Optional<Expression> filter =
        parser.accept("if") ? Optional.of(parser.expression()) : Optional.empty();
    parser.expectEnd();
    List<Statement> body = until(Set.of("else", "endfor"));
    List<Statement> otherwise = List.of();
    ExpressionParser end = tag("endfor");
    if (end.accept("else")) {
      otherwise = until(Set.of("endfor"));
      end = tag("endfor");
    }
    end.expect("endfor");
    return new Statement.For(targets, items, filter, body, otherwise, line);
  }

  private Statement setStatement(ExpressionParser parser, int line) throws TemplateException {
    String name = parser.expectName();
    if (parser.accept(".")) {
      String attribute = parser.expectName();
      parser.expect("=");
      Expression value = parser.tuple();
      parser.expectEnd();
      return new Statement.SetAttribute(name, attribute, value, line);
    }
    var names = new ArrayList<String>(List.of(name));
    while (parser.accept(",")) {
      names.add(parser.expectName());
    }
    if (parser.accept("=")) {
      Expression value = parser.tuple();
      parser.expectEnd();
      return new Statement.SetNames(names, value, line);
    }
    parser.expectEnd();
    List<Statement> body = until(Set.of("endset"));
    endTag("endset");
    return new Statement.SetBlock(name, body);
  }

  private Statement macro(ExpressionParser parser) throws TemplateException {
    String name = parser.expectName();
    var parameters = new ArrayList<String>();
    var defaults = new LinkedHashMap<String, Expression>();
    parser.expect("(");
    while (!parser.peek().is(")")) {
      String parameter = parser.expectName();
      parameters.add(parameter);
      if (parser.accept("=")) {
        defaults.put(parameter, parser.expression());
      }
      if (!parser.accept(",")) {
        break;
      }
    }
    parser.expect(")");
    parser.expectEnd();
    List<Statement> body = until(Set.of("endmacro"));
    endTag("endmacro");
    return new Statement.Macro(name, parameters, defaults, body);
  }

  private void endTag(String name) throws TemplateException {
    tag(name).expect(name);
  }

  private ExpressionParser tag(String expected) throws TemplateException {
    if (at < pieces.size() && pieces.get(at) instanceof Piece.Tag tag) {
      at++;
      return new ExpressionParser(tag.tokens());
    }
    throw new TemplateException(
        "a block is not closed (expected: " + expected + ")", false, line());
  }
}
