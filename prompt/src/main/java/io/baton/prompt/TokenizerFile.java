package io.baton.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * What a Hugging Face {@code tokenizer.json} says, as far as Baton itself needs it.
 *
 * @param root the whole file
 * @param sha256 of the file's bytes, in hex
 */
record TokenizerFile(Path path, JsonNode root, byte[] bytes, String sha256) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A token that is matched as text before the model sees it.
   *
   * @param special whether it controls rather than says
   * @param stripLeft whether blanks before it belong to it
   * @param stripRight whether blanks after it belong to it
   */
  record AddedToken(
      int id, String content, boolean special, boolean stripLeft, boolean stripRight) {}

  static TokenizerFile read(Path folder) throws IOException {
    Path path = folder.resolve("tokenizer.json");
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new IOException(
          path + ": no such file (expected: a tokenizer in Hugging Face's format)", e);
    }
    JsonNode root = JSON.readTree(bytes);
    if (root == null || !root.path("model").isObject()) {
      throw new IOException(
          path + ": no `model` in it (expected: Hugging Face's tokenizer format)");
    }
    return new TokenizerFile(path, root, bytes, sha256(bytes));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  List<AddedToken> addedTokens() {
    var tokens = new ArrayList<AddedToken>();
    for (JsonNode token : root.path("added_tokens")) {
      tokens.add(
          new AddedToken(
              token.path("id").asInt(),
              token.path("content").asText(),
              token.path("special").asBoolean(),
              token.path("lstrip").asBoolean(),
              token.path("rstrip").asBoolean()));
    }
    return tokens;
  }

  /** The same tokenizer for text in which special tokens are only letters. */
  InputStream withoutSpecialTokens() throws IOException {
    ObjectNode plain = root.deepCopy();
    ArrayNode kept = plain.putArray("added_tokens");
    for (JsonNode token : root.path("added_tokens")) {
      if (!token.path("special").asBoolean()) {
        kept.add(token);
      }
    }
    // It may name special tokens, and nothing is ever added to such text.
    plain.putNull("post_processor");
    return new ByteArrayInputStream(JSON.writeValueAsBytes(plain));
  }

  InputStream whole() {
    return new ByteArrayInputStream(bytes);
  }

  /** Whether tokens stand for bytes by GPT-2's alphabet. */
  boolean byteLevel() {
    return decodesBytes(root.path("decoder"));
  }

  private static boolean decodesBytes(JsonNode decoder) {
    if (decoder.path("type").asText().equals("ByteLevel")) {
      return true;
    }
    for (JsonNode part : decoder.path("decoders")) {
      if (decodesBytes(part)) {
        return true;
      }
    }
    return false;
  }

  /** The model's vocabulary: text of each token to its id. */
  JsonNode vocabulary() {
    return root.path("model").path("vocab");
  }

  /** Each id's token as the file spells it, added ones included. */
  Map<Integer, String> names() {
    var names = new HashMap<Integer, String>();
    JsonNode vocabulary = vocabulary();
    if (vocabulary.isArray()) {
      // Unigram models list pairs of piece and score.
      for (int id = 0; id < vocabulary.size(); id++) {
        names.put(id, vocabulary.get(id).path(0).asText());
      }
    }
    for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
      names.put(token.getValue().asInt(), token.getKey());
    }
    addedTokens().forEach(token -> names.put(token.id(), token.content()));
    return names;
  }
}
