package io.baton.gateway.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key as it stands in the file: {@code sha256:<salt>:<hash>} in hex. One round of SHA-256 is
 * enough, since keys are random and long, unlike passwords.
 */
final class KeyHash {
  private static final Pattern FORMAT = Pattern.compile("sha256:([0-9a-f]{16,64}):([0-9a-f]{64})");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SALT_BYTES = 16;
  private static final int KEY_BYTES = 24;
  private static final HexFormat HEX = HexFormat.of();

  private final byte[] salt;
  private final byte[] hash;

  private KeyHash(byte[] salt, byte[] hash) {
    this.salt = salt;
    this.hash = hash;
  }

  /** A new key, as clients send it. */
  static String newKey() {
    byte[] bytes = new byte[KEY_BYTES];
    RANDOM.nextBytes(bytes);
    return "sk-baton-" + HEX.formatHex(bytes);
  }

  static KeyHash of(String key) {
    byte[] salt = new byte[SALT_BYTES];
    RANDOM.nextBytes(salt);
    return new KeyHash(salt, digest(salt, key));
  }

  /**
   * Reads one from the file.
   *
   * @throws IllegalArgumentException if it has another form; never repeats the text
   */
  static KeyHash parse(String text) {
    Matcher matcher = FORMAT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a hash (expected: sha256:<salt>:<hash>, as `baton keys new NAME` prints it)");
    }
    return new KeyHash(HEX.parseHex(matcher.group(1)), HEX.parseHex(matcher.group(2)));
  }

  boolean matches(String key) {
    return MessageDigest.isEqual(hash, digest(salt, key));
  }

  private static byte[] digest(byte[] salt, String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      return digest.digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "sha256:" + HEX.formatHex(salt) + ":" + HEX.formatHex(hash);
  }
}
