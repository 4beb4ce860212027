package io.baton.standalone.e2e;

import java.nio.charset.StandardCharsets;

/**
 * Bytes that somebody sends who means no good.
 *
 * @param name what kind it is
 * @param bytes all that is sent
 * @param leaves whether the sender closes its side after them, in the middle of the request
 * @param answered whether there must be an answer; otherwise closing the connection is enough
 */
@SuppressWarnings("ArrayRecordComponent")
record Attack(String name, byte[] bytes, boolean leaves, boolean answered) {
  /** A body in an ordinary request. */
  static Attack body(String name, String path, byte[] body, String... headers) {
    var head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    head.append("Content-Type: application/json\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    return new Attack(name, joined(ascii(head.toString()), body), false, true);
  }

  /** A request that is none, or a strange one. */
  static Attack http(String name, String bytes) {
    return new Attack(name, ascii(bytes), true, false);
  }

  /** The beginning of one, whose sender leaves. */
  Attack cutAt(int length) {
    byte[] begun = java.util.Arrays.copyOf(bytes, length);
    return new Attack(name + ", cut", begun, true, false);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] joined(byte[] first, byte[] second) {
    byte[] all = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  @Override
  public String toString() {
    String shown = new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".");
    return name + ": " + (shown.length() > 600 ? shown.substring(0, 600) + "..." : shown);
  }
}
