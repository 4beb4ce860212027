package io.baton.prompt;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** For vocabularies of bytes: joins the tokens' bytes and keeps an unfinished character back. */
final class ByteLevelDetokenizer implements Detokenizer {
  private static final int LONGEST_CHARACTER = 4;

  private final TokenTable table;
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private ByteBuffer pending = ByteBuffer.allocate(64);

  ByteLevelDetokenizer(TokenTable table) {
    this.table = table;
  }

  @Override
  public String append(int[] ids) {
    for (int id : ids) {
      byte[] bytes = table.bytes(id);
      if (pending.remaining() < bytes.length) {
        grow(bytes.length);
      }
      pending.put(bytes);
    }
    return decode(false);
  }

  private void grow(int needed) {
    ByteBuffer larger = ByteBuffer.allocate(2 * (pending.position() + needed));
    pending = larger.put(pending.flip());
  }

  private String decode(boolean atEnd) {
    if (pending.position() == 0) {
      return "";
    }
    pending.flip();
    CharBuffer text = CharBuffer.allocate(pending.remaining() + LONGEST_CHARACTER);
    utf8.decode(pending, text, atEnd);
    if (atEnd) {
      utf8.flush(text);
    }
    pending.compact();
    return text.flip().toString();
  }

  @Override
  public String flush() {
    return decode(true);
  }
}
