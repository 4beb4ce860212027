package io.baton.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Where a text may be cut so that the tokens of its pieces, one after the other, are the tokens of
 * the whole. Byte-level tokenizers first split text by a regular expression and never merge across
 * a split; every expression known to be in use splits between a letter and a blank before a letter,
 * and after the only blank between two words if that is a line's end. Tokenizers that are not known
 * to do so are never cut.
 */
final class SafeCuts {
  /** Shorter pieces would cost more to look up than their tokens save. */
  private static final int PIECE_CHARS = 1024;

  /**
   * What each known expression has in it: GPT-2's, and the family of cl100k, o200k, Llama 3, Qwen
   * and DeepSeek.
   */
  private static final List<String> KNOWN =
      List.of(
          " ?\\p{L}+", "[^\\r\\n\\p{L}\\p{N}]?", "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]");

  private final boolean possible;

  private SafeCuts(boolean possible) {
    this.possible = possible;
  }

  static SafeCuts of(TokenizerFile file) {
    JsonNode splitter = file.root().path("pre_tokenizer");
    return new SafeCuts(
        splitsKnown(splitter)
            && !addsBlanks(splitter)
            && keepsText(file.root().path("normalizer"))
            && file.addedTokens().stream().noneMatch(SafeCuts::reachesOver));
  }

  private static boolean splitsKnown(JsonNode splitter) {
    return switch (splitter.path("type").asText()) {
      case "ByteLevel" -> splitter.path("use_regex").asBoolean(true);
      case "Split" ->
          splitter.path("behavior").asText().equals("Isolated")
              && !splitter.path("invert").asBoolean()
              && KNOWN.stream().anyMatch(splitter.path("pattern").path("Regex").asText()::contains);
      case "Sequence" -> {
        for (JsonNode part : splitter.path("pretokenizers")) {
          if (splitsKnown(part)) {
            yield true;
          }
        }
        yield false;
      }
      default -> false;
    };
  }

  private static boolean addsBlanks(JsonNode splitter) {
    for (JsonNode part : splitter.path("pretokenizers")) {
      if (addsBlanks(part)) {
        return true;
      }
    }
    return splitter.path("add_prefix_space").asBoolean();
  }

  /** Unicode's normal forms never join a blank or a line's end with a letter. */
  private static boolean keepsText(JsonNode normalizer) {
    return normalizer.isMissingNode()
        || normalizer.isNull()
        || List.of("NFC", "NFKC", "NFD", "NFKD").contains(normalizer.path("type").asText());
  }

  /** Ordinary added tokens are found before text is split, and may take blanks with them. */
  private static boolean reachesOver(TokenizerFile.AddedToken token) {
    return !token.special()
        && (token.stripLeft()
            || token.stripRight()
            || token.content().chars().anyMatch(Character::isWhitespace));
  }

  /** The end of the piece that begins at {@code from}: the text's end if it cannot be cut. */
  int after(String text, int from) {
    if (possible) {
      for (int at = from + PIECE_CHARS; at < text.length() - 1; at++) {
        if (isSafe(text, at)) {
          return at;
        }
      }
    }
    return text.length();
  }

  private static boolean isSafe(String text, int at) {
    char before = text.charAt(at - 1);
    char here = text.charAt(at);
    if (here == ' ') {
      return isAsciiLetter(before) && isAsciiLetter(text.charAt(at + 1));
    }
    // GPT-2's expression looks at what follows several blanks, so only one may be before the cut.
    return before == '\n'
        && isVisibleAscii(text.charAt(at - 2))
        && (isAsciiLetter(here) || (here >= '0' && here <= '9'));
  }

  private static boolean isVisibleAscii(char c) {
    return c > ' ' && c < 127;
  }

  private static boolean isAsciiLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
