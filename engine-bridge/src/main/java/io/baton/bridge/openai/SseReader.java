package io.baton.bridge.openai;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Cuts a byte stream into the data of server-sent events, however the bytes are divided. Comments
 * and fields other than {@code data} are skipped; several data lines of an event are joined by line
 * feeds.
 */
final class SseReader {
  /** Hears of each event's data. */
  @FunctionalInterface
  interface Listener {
    void onData(byte[] data);
  }

  /** An event that no client could want. */
  static final class EventTooLargeException extends RuntimeException {
    EventTooLargeException(int limit) {
      super("an event of more than " + limit + " bytes");
    }
  }

  private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

  private final int maxEventBytes;
  private final Listener listener;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
  private final ByteArrayOutputStream data = new ByteArrayOutputStream(512);
  private boolean hasData;
  private boolean afterCarriageReturn;

  SseReader(int maxEventBytes, Listener listener) {
    this.maxEventBytes = maxEventBytes;
    this.listener = listener;
  }

  /** Takes the next bytes; the listener is called from within. */
  void read(byte[] bytes) {
    for (byte b : bytes) {
      boolean secondOfPair = afterCarriageReturn && b == '\n';
      afterCarriageReturn = b == '\r';
      if (secondOfPair) {
        continue;
      }
      if (b == '\n' || b == '\r') {
        endOfLine();
      } else {
        line.write(b);
        checkSize();
      }
    }
  }

  private void checkSize() {
    if (line.size() + data.size() > maxEventBytes) {
      throw new EventTooLargeException(maxEventBytes);
    }
  }

  private void endOfLine() {
    byte[] text = line.toByteArray();
    line.reset();
    if (text.length == 0) {
      endOfEvent();
    } else if (startsWithData(text)) {
      int from =
          text.length > DATA.length && text[DATA.length] == ' ' ? DATA.length + 1 : DATA.length;
      if (hasData) {
        data.write('\n');
      }
      data.write(text, from, text.length - from);
      hasData = true;
    }
  }

  private void endOfEvent() {
    if (hasData) {
      byte[] complete = data.toByteArray();
      data.reset();
      hasData = false;
      listener.onData(complete);
    }
  }

  private static boolean startsWithData(byte[] text) {
    if (text.length < DATA.length) {
      return false;
    }
    for (int i = 0; i < DATA.length; i++) {
      if (text[i] != DATA[i]) {
        return false;
      }
    }
    return true;
  }
}
