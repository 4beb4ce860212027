package io.baton.kvblocks;

import java.util.List;
import java.util.Map;

/**
 * Prompts on whose tokens a gateway and an engine must agree. Both make tokens of them, each in its
 * own way, and compare digests: where they differ, blocks that the gateway names are not those that
 * the engine holds, and routing by prefix would send requests to the wrong worker.
 *
 * <p>The list is part of the wire: an entry is never changed, new ones are added at the end.
 */
public final class TokenProbes {
  /** Digest of an engine that cannot be asked, or refuses this prompt. */
  public static final long UNKNOWN = 0;

  private static final String ROLE = "role";
  private static final String CONTENT = "content";

  /** What tokenizers differ in: merges, digits, blanks, other scripts, names of special tokens. */
  private static final String MIXED =
      "Hello  world!\n\t12345 don't naïve 日本語 🙂 <|im_start|> </s> x=1;";

  private static final List<Probe> ALL =
      List.of(
          new Probe("raw text", MIXED, List.of()),
          new Probe("one message", "", List.of(message("user", "What is the capital of France?"))),
          new Probe(
              "a conversation",
              "",
              List.of(
                  message("system", "Answer in one word."),
                  message("user", "  Two\n\nparagraphs, é and 12,345.67 "),
                  message("assistant", "Paris.\n"),
                  message("user", "数え上げて: 1 2 3"))));

  private TokenProbes() {}

  /**
   * One prompt.
   *
   * @param name for people
   * @param text a prompt that is no conversation; empty if it is one
   * @param messages a conversation, for which the answer is to begin; plain maps and strings
   */
  public record Probe(String name, String text, List<Map<String, Object>> messages) {
    /** Whether a chat template makes its text. */
    public boolean chat() {
      return !messages.isEmpty();
    }
  }

  /** All prompts, in the order of their digests. */
  public static List<Probe> all() {
    return ALL;
  }

  /** What names these tokens; never {@link #UNKNOWN}. */
  public static long digest(int[] tokens) {
    // A block of all of them, so that the digest is of the tokens and their number.
    long digest =
        tokens.length == 0 ? BlockHasher.SEED : new BlockHasher(tokens.length).localHash(tokens, 0);
    return digest == UNKNOWN ? 1 : digest;
  }

  private static Map<String, Object> message(String role, String content) {
    return Map.of(ROLE, role, CONTENT, content);
  }
}
