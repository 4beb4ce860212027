package io.baton.bridge.kvevents;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import io.baton.bridge.kvevents.KvFrameException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;

/** Values as engines' events have them, with limits on what is believed. */
final class EventReader {
  private static final int MAX_HASHES = 65_536;
  private static final int MAX_TOKENS = 1_048_576;
  private static final Hasher64 DIGEST = Hashing.xxh3_64();

  private final MessageUnpacker in;
  private final int payloadBytes;

  EventReader(MessageUnpacker in, int payloadBytes) {
    this.in = in;
    this.payloadBytes = payloadBytes;
  }

  ValueType next() throws IOException {
    return in.getNextFormat().getValueType();
  }

  void skip() throws IOException {
    in.skipValue();
  }

  /** Size of an array; one that could not fit into the message is refused before it is made. */
  int arrayHeader() throws IOException, KvFrameException {
    return believable(in.unpackArrayHeader());
  }

  int mapHeader() throws IOException, KvFrameException {
    return believable(in.unpackMapHeader());
  }

  private int believable(int size) throws KvFrameException {
    if (size < 0 || size > payloadBytes) {
      throw new KvFrameException(Reason.MALFORMED, "a size of " + size);
    }
    return size;
  }

  String text() throws IOException, KvFrameException {
    if (next() != ValueType.STRING) {
      throw new KvFrameException(Reason.BAD_EVENT, next() + " instead of text");
    }
    return in.unpackString();
  }

  /** Empty for nil. */
  String optionalText() throws IOException, KvFrameException {
    if (in.tryUnpackNil()) {
      return "";
    }
    return text();
  }

  /** Text, or a number as text; empty for nil and everything else. */
  String scalarText() throws IOException {
    return switch (next()) {
      case STRING -> in.unpackString();
      case INTEGER -> Long.toString(unsigned());
      default -> {
        in.skipValue();
        yield "";
      }
    };
  }

  int integer() throws IOException, KvFrameException {
    if (next() != ValueType.INTEGER) {
      throw new KvFrameException(Reason.BAD_EVENT, next() + " instead of a number");
    }
    long value = unsigned();
    if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
      throw new KvFrameException(Reason.BAD_EVENT, value + " instead of a smaller number");
    }
    return (int) value;
  }

  /** 64 bits, whatever their sign. */
  private long unsigned() throws IOException {
    return in.getNextFormat() == MessageFormat.UINT64
        ? in.unpackBigInteger().longValue()
        : in.unpackLong();
  }

  long hash() throws IOException, KvFrameException {
    return switch (next()) {
      case INTEGER -> unsigned();
      case BINARY -> DIGEST.hashBytesToLong(in.readPayload(in.unpackBinaryHeader()));
      case STRING -> digest(in.unpackString());
      default -> throw new KvFrameException(Reason.BAD_EVENT, next() + " instead of a hash");
    };
  }

  static long digest(String text) {
    return DIGEST.hashBytesToLong(text.getBytes(StandardCharsets.UTF_8));
  }

  boolean nil() throws IOException {
    return in.tryUnpackNil();
  }

  long[] hashes() throws IOException, KvFrameException {
    int size = limited(MAX_HASHES, "hashes");
    long[] hashes = new long[size];
    for (int i = 0; i < size; i++) {
      hashes[i] = hash();
    }
    return hashes;
  }

  /** Token ids; of overlapping pairs the first of each. */
  int[] tokens() throws IOException, KvFrameException {
    int size = limited(MAX_TOKENS, "tokens");
    int[] tokens = new int[size];
    for (int i = 0; i < size; i++) {
      if (next() == ValueType.ARRAY) {
        int pair = arrayHeader();
        if (pair < 1) {
          throw new KvFrameException(Reason.BAD_EVENT, "an empty pair of tokens");
        }
        tokens[i] = integer();
        for (int j = 1; j < pair; j++) {
          skip();
        }
      } else {
        tokens[i] = integer();
      }
    }
    return tokens;
  }

  private int limited(int limit, String what) throws IOException, KvFrameException {
    if (next() != ValueType.ARRAY) {
      throw new KvFrameException(Reason.BAD_EVENT, next() + " instead of " + what);
    }
    int size = in.unpackArrayHeader();
    if (size > limit) {
      throw new KvFrameException(Reason.TOO_LARGE, size + " " + what);
    }
    return believable(size);
  }

  /** Per block the values that its hash depends on beside its tokens, as text; null for none. */
  @Nullable List<@Nullable List<String>> extraKeys() throws IOException, KvFrameException {
    if (next() != ValueType.ARRAY) {
      skip();
      return null;
    }
    int size = limited(MAX_HASHES, "extra keys");
    List<@Nullable List<String>> blocks = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      if (next() == ValueType.ARRAY) {
        int keys = arrayHeader();
        var values = new ArrayList<String>(keys);
        for (int j = 0; j < keys; j++) {
          // A text stands for itself; a pair of identifier and offset is told apart by its
          // brackets.
          values.add(next() == ValueType.STRING ? in.unpackString() : in.unpackValue().toJson());
        }
        blocks.add(values);
      } else {
        skip();
        blocks.add(null);
      }
    }
    return blocks;
  }
}
