package io.baton.prompt;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.baton.prompt.TokenizerFile.AddedToken;
import io.baton.prompt.template.RenderedPrompt;
import io.baton.prompt.template.RenderedPrompt.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Text to tokens by Hugging Face's own tokenizers. Special tokens are recognised only in text that
 * the template wrote; everything between them is encoded as one run, as Hugging Face does. Runs are
 * remembered, long ones in stretches: what a conversation or a document shares with an earlier one
 * is not encoded again. Thread-safe; call it off event loops for long texts.
 */
final class TokenEncoder {
  private static final Map<String, String> OPTIONS =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  private final HuggingFaceTokenizer plain;
  private final HuggingFaceTokenizer whole;
  private final List<AddedToken> specials;
  private final SafeCuts cuts;
  private final RunCache cache;

  private TokenEncoder(
      HuggingFaceTokenizer plain,
      HuggingFaceTokenizer whole,
      List<AddedToken> specials,
      SafeCuts cuts,
      RunCache cache) {
    this.plain = plain;
    this.whole = whole;
    this.specials = specials;
    this.cuts = cuts;
    this.cache = cache;
  }

  static TokenEncoder of(TokenizerFile file, long cacheBytes) throws IOException {
    // Longer ones first, so that a token is not taken for another that it begins with.
    var specials =
        new ArrayList<>(file.addedTokens().stream().filter(AddedToken::special).toList());
    specials.sort(
        Comparator.comparingInt((AddedToken token) -> token.content().length()).reversed());
    return new TokenEncoder(
        HuggingFaceTokenizer.newInstance(file.withoutSpecialTokens(), OPTIONS),
        HuggingFaceTokenizer.newInstance(file.whole(), OPTIONS),
        List.copyOf(specials),
        SafeCuts.of(file),
        new RunCache(cacheBytes));
  }

  /** A rendered conversation; nothing is added that the template did not write. */
  int[] encode(RenderedPrompt prompt) {
    var ids = new IntList();
    var run = new StringBuilder();
    boolean stripNext = false;
    for (Segment segment : prompt.segments()) {
      if (!segment.fromTemplate()) {
        stripNext = appendRun(run, segment.text(), stripNext);
        continue;
      }
      int from = 0;
      for (int at = 0; at < segment.text().length(); ) {
        AddedToken special = specialAt(segment.text(), at);
        if (special == null) {
          at++;
          continue;
        }
        stripNext = appendRun(run, segment.text().substring(from, at), stripNext);
        encodeRun(run, special.stripLeft(), ids);
        ids.add(special.id());
        stripNext = special.stripRight();
        at += special.content().length();
        from = at;
      }
      stripNext = appendRun(run, segment.text().substring(from), stripNext);
    }
    encodeRun(run, false, ids);
    return ids.toArray();
  }

  /** Appends text, without its leading blanks if the token before has taken them. */
  private static boolean appendRun(StringBuilder run, String text, boolean strip) {
    String kept = strip ? text.stripLeading() : text;
    run.append(kept);
    return strip && kept.isEmpty();
  }

  private void encodeRun(StringBuilder run, boolean stripEnd, IntList ids) {
    String text = stripEnd ? run.toString().stripTrailing() : run.toString();
    run.setLength(0);
    for (int from = 0; from < text.length(); ) {
      int to = cuts.after(text, from);
      ids.addAll(cache.get(text.substring(from, to), this::encodePlain));
      from = to;
    }
  }

  private int[] encodePlain(String text) {
    return ids(plain, text, false);
  }

  /** Ids alone: the library's own method also copies each token's text, place and masks. */
  private static int[] ids(HuggingFaceTokenizer tokenizer, String text, boolean addSpecial) {
    long encoding = TokenizersLibrary.LIB.encode(tokenizer.getHandle(), text, addSpecial);
    try {
      return ints(TokenizersLibrary.LIB.getTokenIds(encoding));
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  private @Nullable AddedToken specialAt(String text, int at) {
    for (AddedToken special : specials) {
      if (text.startsWith(special.content(), at)) {
        return special;
      }
    }
    return null;
  }

  /**
   * A raw prompt, as its author's own: special tokens count, and the model's usual ones are added.
   */
  int[] encodeRaw(String text) {
    return ids(whole, text, true);
  }

  String decode(int[] ids, boolean skipSpecialTokens) {
    long[] longs = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      longs[i] = ids[i];
    }
    return whole.decode(longs, skipSpecialTokens);
  }

  RunCache cache() {
    return cache;
  }

  private static int[] ints(long[] ids) {
    int[] ints = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      ints[i] = (int) ids[i];
    }
    return ints;
  }

  /** A growing array. */
  private static final class IntList {
    private int[] values = new int[256];
    private int size;

    void add(int value) {
      if (size == values.length) {
        values = java.util.Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    void addAll(int[] more) {
      if (size + more.length > values.length) {
        values = java.util.Arrays.copyOf(values, Math.max(2 * values.length, size + more.length));
      }
      System.arraycopy(more, 0, values, size, more.length);
      size += more.length;
    }

    int[] toArray() {
      return java.util.Arrays.copyOf(values, size);
    }
  }
}
