package io.baton.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.prompt.TokenizerFile.AddedToken;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The bytes that each token of a byte-level vocabulary stands for, so that detokenizing needs
 * neither a native call nor a second look at earlier tokens. Special tokens stand for nothing.
 */
final class TokenTable {
  private static final byte[] NOTHING = {};
  private static final int ALPHABET_LIMIT = 512;

  /** From GPT-2's stand-in characters to the bytes they stand for; -1 for other characters. */
  private static final int[] BYTE_OF = alphabet();

  private final byte[][] bytes;

  private TokenTable(byte[][] bytes) {
    this.bytes = bytes;
  }

  static TokenTable of(TokenizerFile file) {
    int size = 0;
    JsonNode vocabulary = file.vocabulary();
    for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
      size = Math.max(size, token.getValue().asInt() + 1);
    }
    for (AddedToken token : file.addedTokens()) {
      size = Math.max(size, token.id() + 1);
    }
    byte[][] bytes = new byte[size][];
    java.util.Arrays.fill(bytes, NOTHING);
    for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
      bytes[token.getValue().asInt()] = decode(token.getKey());
    }
    for (AddedToken token : file.addedTokens()) {
      bytes[token.id()] =
          token.special() ? NOTHING : token.content().getBytes(StandardCharsets.UTF_8);
    }
    return new TokenTable(bytes);
  }

  /** The same table, with these special tokens as text. */
  TokenTable showing(List<AddedToken> added, Set<String> shown) {
    byte[][] more = bytes.clone();
    for (AddedToken token : added) {
      if (token.special() && shown.contains(token.content())) {
        more[token.id()] = token.content().getBytes(StandardCharsets.UTF_8);
      }
    }
    return new TokenTable(more);
  }

  /** How each token is spelled, special ones and those of SentencePiece included. */
  static TokenTable spelling(TokenizerFile file) {
    boolean byteLevel = file.byteLevel();
    Map<Integer, String> names = file.names();
    int size = names.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
    byte[][] bytes = new byte[size][];
    java.util.Arrays.fill(bytes, NOTHING);
    names.forEach((id, name) -> bytes[id] = byteLevel ? decode(name) : piece(name));
    for (AddedToken token : file.addedTokens()) {
      bytes[token.id()] = token.content().getBytes(StandardCharsets.UTF_8);
    }
    return new TokenTable(bytes);
  }

  /** SentencePiece writes a blank as U+2581 and lone bytes as {@code <0x0A>}. */
  private static byte[] piece(String name) {
    if (name.length() == 6 && name.startsWith("<0x") && name.endsWith(">")) {
      try {
        return new byte[] {(byte) Integer.parseInt(name.substring(3, 5), 16)};
      } catch (NumberFormatException e) {
        // An ordinary token that only looks like one.
      }
    }
    return name.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
  }

  /** GPT-2 shows printable bytes as themselves and moves the others beyond 255. */
  private static int[] alphabet() {
    int[] byteOf = new int[ALPHABET_LIMIT];
    java.util.Arrays.fill(byteOf, -1);
    int moved = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      byteOf[printable ? b : moved++] = b;
    }
    return byteOf;
  }

  private static byte[] decode(String token) {
    byte[] decoded = new byte[token.length()];
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c >= ALPHABET_LIMIT || BYTE_OF[c] < 0) {
        // Not of the alphabet: the token is text as it stands.
        return token.getBytes(StandardCharsets.UTF_8);
      }
      decoded[i] = (byte) BYTE_OF[c];
    }
    return decoded;
  }

  /** Ids above the vocabulary, which padded models can produce, stand for nothing. */
  byte[] bytes(int id) {
    return id >= 0 && id < bytes.length ? bytes[id] : NOTHING;
  }

  int size() {
    return bytes.length;
  }
}
