package io.baton.prompt;

import java.util.Arrays;
import java.util.function.Function;

/**
 * For vocabularies whose tokens read differently in company (leading blanks of SentencePiece, for
 * example): decodes a short window again and emits what is new, once it is whole.
 */
final class WindowedDetokenizer implements Detokenizer {
  private static final char REPLACEMENT = '\uFFFD';

  /** Tokens of context before the new ones. */
  private static final int CONTEXT = 6;

  private final Function<int[], String> decoder;
  private int[] window = {};
  private int emittedTokens;
  private String emittedText = "";

  WindowedDetokenizer(Function<int[], String> decoder) {
    this.decoder = decoder;
  }

  @Override
  public String append(int[] ids) {
    int[] longer = Arrays.copyOf(window, window.length + ids.length);
    System.arraycopy(ids, 0, longer, window.length, ids.length);
    window = longer;
    String text = decoder.apply(window);
    if (text.isEmpty() || text.charAt(text.length() - 1) == REPLACEMENT) {
      return "";
    }
    return emit(text);
  }

  private String emit(String text) {
    String fresh = text.length() > emittedText.length() ? text.substring(emittedText.length()) : "";
    emittedTokens = window.length;
    // Slide, so that a long answer does not cost its square.
    int from = Math.max(0, emittedTokens - CONTEXT);
    window = Arrays.copyOfRange(window, from, window.length);
    emittedTokens -= from;
    emittedText = decoder.apply(Arrays.copyOf(window, emittedTokens));
    return fresh;
  }

  @Override
  public String flush() {
    return emit(decoder.apply(window));
  }
}
