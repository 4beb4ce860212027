package io.baton.prompt;

import java.util.SplittableRandom;

/** Text as people write it all over the world: words, CJK, emoji with joiners, accents, blanks. */
final class RandomText {
  private static final String[] PARTS = {
    "hello",
    " world",
    "\n",
    "  ",
    "é",
    "ß",
    "日本語",
    "東京",
    "한국",
    "привет",
    "😀",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "e\u0301",
    "12",
    ",",
    "𝒳",
    "\u05E9",
    "|>",
    "<|",
    "\t",
    "'s",
    "\u00A0"
  };

  private RandomText() {}

  static String of(SplittableRandom random, int parts) {
    var text = new StringBuilder();
    for (int i = 0; i < parts; i++) {
      if (random.nextInt(4) > 0) {
        text.append(PARTS[random.nextInt(PARTS.length)]);
      } else {
        text.appendCodePoint(codePoint(random));
      }
    }
    return text.toString();
  }

  /** Of every length in UTF-8; no surrogate, and not the sign for a broken character. */
  private static int codePoint(SplittableRandom random) {
    int point;
    do {
      point = random.nextInt(1, 1 << random.nextInt(6, 21));
    } while ((point >= 0xD800 && point <= 0xDFFF) || point == 0xFFFD);
    return point;
  }
}
