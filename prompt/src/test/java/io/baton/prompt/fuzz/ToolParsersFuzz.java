package io.baton.prompt.fuzz;

import io.baton.prompt.AnswerParser;
import io.baton.prompt.reasoning.ReasoningFamily;
import io.baton.prompt.tools.ForcedCalls;
import io.baton.prompt.tools.Heard;
import io.baton.prompt.tools.ToolFamily;
import io.baton.prompt.tools.ToolSchemas;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Whatever a model writes is read without failing, and means the same in one piece and in many.
 * First byte: the family; second: the length of pieces; the rest is the answer.
 */
public final class ToolParsersFuzz {
  private static final ToolSchemas TOOLS =
      ToolSchemas.of(Map.of("f", Map.of("properties", Map.of("a", Map.of("type", "integer")))));
  private static final int FAMILIES = ToolFamily.values().length;

  private ToolParsersFuzz() {}

  /** Jazzer's entry. */
  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length < 3) {
      return;
    }
    String text = new String(data, 2, data.length - 2, StandardCharsets.UTF_8);
    int pick = data[0] & 0xFF;
    List<String> whole = read(pick, text, text.length());
    List<String> pieces = read(pick, text, 1 + (data[1] & 0x0F));
    if (!whole.equals(pieces)) {
      throw new AssertionError("whole: " + whole + "\npieces: " + pieces);
    }
  }

  private static List<String> read(int pick, String text, int length) {
    var heard = new Heard();
    AnswerParser parser = parser(pick, heard);
    for (int from = 0; from < text.length(); from += length) {
      parser.accept(text.substring(from, Math.min(text.length(), from + length)));
    }
    parser.finish();
    return heard.said();
  }

  private static AnswerParser parser(int pick, Heard heard) {
    int family = pick % (FAMILIES + 1);
    AnswerParser calls =
        family == FAMILIES
            ? ForcedCalls.parser(heard)
            : ToolFamily.values()[family].parser(heard, TOOLS);
    ReasoningFamily[] reasoning = ReasoningFamily.values();
    return reasoning[pick / (FAMILIES + 1) % reasoning.length].parser(pick > 127, heard, calls);
  }
}
