package io.baton.prompt.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a source into text and tags, with Jinja2's rules for blanks: the newline after a block tag
 * goes, blanks before a block tag at the start of a line go, {@code -} takes all blanks on its
 * side, {@code +} keeps them.
 */
final class TemplateLexer {
  private static final Pattern END_RAW = Pattern.compile("\\{%[-+]?\\s*endraw\\s*[-+]?%}");

  private final String source;
  private final List<Piece> pieces = new ArrayList<>();
  private int at;
  private boolean stripNext;
  private boolean trimNewline;

  private TemplateLexer(String source) {
    this.source = source;
  }

  static List<Piece> pieces(String source) throws TemplateException {
    String unix = source.replace("\r\n", "\n").replace('\r', '\n');
    // Jinja2 drops one newline at the end of a template.
    String text = unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix;
    return new TemplateLexer(text).run();
  }

  private List<Piece> run() throws TemplateException {
    while (at < source.length()) {
      int tag = nextTag(at);
      if (tag < 0) {
        plain(source.substring(at), false, false);
        break;
      }
      char kind = source.charAt(tag + 1);
      char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
      boolean leftStrip = kind != '{' && sign != '+' && sign != '-';
      plain(source.substring(at, tag), sign == '-', leftStrip);
      tag(tag, kind, sign == '-' || sign == '+' ? tag + 3 : tag + 2);
    }
    return pieces;
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      char next = i + 1 < source.length() ? source.charAt(i + 1) : ' ';
      if (next == '{' || next == '%' || next == '#') {
        return i;
      }
    }
    return -1;
  }

  private void plain(String text, boolean stripEnd, boolean leftStrip) {
    String kept = text;
    if (stripNext) {
      kept = kept.stripLeading();
    } else if (trimNewline && kept.startsWith("\n")) {
      kept = kept.substring(1);
    }
    if (stripEnd) {
      kept = kept.stripTrailing();
    } else if (leftStrip) {
      kept = withoutIndent(text, kept);
    }
    stripNext = false;
    trimNewline = false;
    if (!kept.isEmpty()) {
      pieces.add(new Piece.Plain(kept));
    }
  }

  /** Blanks between the start of a line and a block tag. */
  private String withoutIndent(String text, String kept) {
    int lineStart = text.lastIndexOf('\n') + 1;
    boolean atLineStart = lineStart > 0 || at == 0 || source.charAt(at - 1) == '\n';
    boolean blank = text.substring(lineStart).isBlank();
    if (!atLineStart || !blank) {
      return kept;
    }
    int indent = Math.min(kept.length(), text.length() - lineStart);
    return kept.substring(0, kept.length() - indent);
  }

  private void tag(int tag, char kind, int from) throws TemplateException {
    int line = lineOf(tag);
    String close = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
    int end = kind == '#' ? source.indexOf(close, from) : endOfTag(from, close);
    if (end < 0) {
      throw new TemplateException("a tag is not closed (expected: " + close + ")", false, line);
    }
    char sign = end > from ? source.charAt(end - 1) : ' ';
    boolean signed = sign == '-' || (sign == '+' && kind != '{');
    int to = signed ? end - 1 : end;
    at = end + 2;
    stripNext = sign == '-';
    trimNewline = kind != '{' && sign != '+';
    switch (kind) {
      case '{' ->
          pieces.add(new Piece.Output(ExpressionLexer.tokens(source, from, to, line), line));
      case '%' -> block(from, to, line);
      default -> {
        // A comment.
      }
    }
  }

  private void block(int from, int to, int line) throws TemplateException {
    List<Token> tokens = ExpressionLexer.tokens(source, from, to, line);
    if (!tokens.getFirst().is("raw")) {
      pieces.add(new Piece.Tag(tokens, line));
      return;
    }
    Matcher end = END_RAW.matcher(source);
    if (!end.find(at)) {
      throw new TemplateException("raw is not closed (expected: endraw)", false, line);
    }
    String text = source.substring(at, end.start());
    plain(text, end.group().startsWith("{%-"), !end.group().startsWith("{%+"));
    at = end.end();
    stripNext = end.group().endsWith("-%}");
    trimNewline = !end.group().endsWith("+%}");
  }

  /** The end of a tag, not looking into its strings. */
  private int endOfTag(int from, String close) {
    int braces = 0;
    for (int i = from; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '\'' || c == '"') {
        i = endOfString(i);
      } else if (braces == 0 && source.startsWith(close, i)) {
        return i;
      } else if (c == '{') {
        braces++;
      } else if (c == '}') {
        braces--;
      }
    }
    return -1;
  }

  private int endOfString(int from) {
    char quote = source.charAt(from);
    for (int i = from + 1; i < source.length(); i++) {
      if (source.charAt(i) == '\\') {
        i++;
      } else if (source.charAt(i) == quote) {
        return i;
      }
    }
    return source.length();
  }

  private int lineOf(int position) {
    return 1 + (int) source.substring(0, position).chars().filter(c -> c == '\n').count();
  }
}
