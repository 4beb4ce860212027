package io.baton.engine.handoff;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What goes over a data-plane connection: header of five ints (type, a, b, length, CRC-32C of all
 * before and of the payload), then the payload. Big-endian.
 */
final class Frame {
  /** Header bytes. */
  static final int HEADER = 20;

  private static final int CHECKED = 16;

  private final ByteBuffer buffer;

  /** A reusable frame with payloads of at most this many bytes. */
  Frame(int mostPayload) {
    buffer = ByteBuffer.allocate(HEADER + mostPayload);
  }

  /** Begins to fill the payload; end with {@link #seal}. */
  ByteBuffer payloadToFill() {
    return buffer.clear().position(HEADER);
  }

  /** Completes a frame whose payload was just filled. */
  void seal(FrameType type, int a, int b) {
    int end = buffer.position();
    buffer.putInt(0, type.code).putInt(4, a).putInt(8, b).putInt(12, end - HEADER);
    buffer.putInt(CHECKED, checksum(end));
    buffer.flip();
  }

  byte[] bytes() {
    return buffer.array();
  }

  /** Bytes of header and payload. */
  int size() {
    return buffer.limit();
  }

  FrameType type() {
    FrameType type = FrameType.of(buffer.getInt(0));
    if (type == null) {
      throw new IllegalStateException("no frame was read or sealed");
    }
    return type;
  }

  int a() {
    return buffer.getInt(4);
  }

  int b() {
    return buffer.getInt(8);
  }

  int payloadLength() {
    return buffer.getInt(12);
  }

  /** The payload of a frame that was read, or sealed. */
  ByteBuffer payload() {
    return buffer.slice(HEADER, payloadLength());
  }

  /**
   * Reads a whole frame.
   *
   * @throws EOFException if the other side has closed
   * @throws HandoffException if it is no frame, or not what was sent
   */
  void read(InputStream in) throws IOException, HandoffException {
    var data = new DataInputStream(in);
    buffer.clear();
    data.readFully(buffer.array(), 0, HEADER);
    int length = payloadLength();
    if (FrameType.of(buffer.getInt(0)) == null) {
      throw new HandoffException(
          "frame type: " + buffer.getInt(0) + " (expected: a frame of this protocol)");
    }
    if (length < 0 || length > buffer.capacity() - HEADER) {
      throw new HandoffException(
          "frame length: " + length + " (expected: at most " + (buffer.capacity() - HEADER) + ")");
    }
    data.readFully(buffer.array(), HEADER, length);
    buffer.limit(HEADER + length);
    if (checksum(HEADER + length) != buffer.getInt(CHECKED)) {
      throw new HandoffException(
          "checksum of frame " + type() + " " + a() + "/" + b() + " is wrong: data was damaged");
    }
  }

  private int checksum(int end) {
    var crc = new CRC32C();
    crc.update(buffer.array(), 0, CHECKED);
    crc.update(buffer.array(), HEADER, end - HEADER);
    return (int) crc.getValue();
  }
}
