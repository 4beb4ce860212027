package io.baton.engine.handoff;

import io.baton.engine.backend.KvLayout;
import io.baton.engine.handoff.HandoffPort.FirstToken;
import io.baton.engine.sampling.Choice;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Payloads of the frames that carry no KV. */
final class Messages {
  static final int VERSION = 1;

  /** Longest secret, layout and reason; first tokens with some hundred alternatives fit too. */
  static final int MOST_BYTES = 64 << 10;

  /** Block numbers that a frame can name. */
  static final int MOST_NAMED = MOST_BYTES / Integer.BYTES;

  /** KV that goes in one frame, unless a single layer of a block is larger. */
  private static final int KV_BYTES = 512 << 10;

  private Messages() {}

  /** How many blocks go in one frame. */
  static int blocksAtOnce(KvLayout layout) {
    return Math.max(1, KV_BYTES / layout.layerBlockBytes());
  }

  /** Longest payload of a connection that carries so many blocks at once. */
  static int mostBytes(KvLayout layout, int blocks) {
    return Math.max(blocks * layout.layerBlockBytes(), MOST_BYTES);
  }

  /**
   * What a decode leg says first.
   *
   * @param layout its KV layout
   * @param promptKey of its prompt
   * @param blocks of its prompt
   * @param firstMissing first block it lacks
   * @param blocksAtOnce most blocks that it takes in one frame
   * @param asksForShared whether it answers a welcome that offers shared KV
   */
  record Hello(
      long room,
      byte[] secret,
      String layout,
      long promptKey,
      int blocks,
      int firstMissing,
      int blocksAtOnce,
      boolean asksForShared) {

    void write(Frame frame) {
      ByteBuffer out = frame.payloadToFill();
      out.putLong(room);
      putBytes(out, secret);
      putBytes(out, layout.getBytes(StandardCharsets.UTF_8));
      out.putLong(promptKey).putInt(blocks).putInt(firstMissing);
      out.putInt(blocksAtOnce).putInt(asksForShared ? 1 : 0);
      frame.seal(FrameType.HELLO, VERSION, 0);
    }

    static Hello read(Frame frame) throws HandoffException {
      if (frame.type() != FrameType.HELLO || frame.a() != VERSION) {
        throw new HandoffException(
            frame.type()
                + " of version "
                + frame.a()
                + " (expected: HELLO of version "
                + VERSION
                + ")");
      }
      ByteBuffer in = frame.payload();
      try {
        long room = in.getLong();
        byte[] secret = getBytes(in);
        String layout = new String(getBytes(in), StandardCharsets.UTF_8);
        long promptKey = in.getLong();
        int blocks = in.getInt();
        int firstMissing = in.getInt();
        // Decode engines of the first version do not say what follows.
        int atOnce = in.hasRemaining() ? in.getInt() : 1;
        boolean asks = in.hasRemaining() && in.getInt() != 0;
        return new Hello(room, secret, layout, promptKey, blocks, firstMissing, atOnce, asks);
      } catch (BufferUnderflowException e) {
        throw new HandoffException("HELLO is cut short: " + frame.payloadLength() + " bytes");
      }
    }
  }

  static void writeReason(Frame frame, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    frame.payloadToFill().put(text, 0, Math.min(text.length, MOST_BYTES));
    frame.seal(FrameType.ABORT, 0, 0);
  }

  static String readReason(Frame frame) {
    return StandardCharsets.UTF_8.decode(frame.payload()).toString();
  }

  static void writeEmpty(Frame frame, FrameType type) {
    frame.payloadToFill();
    frame.seal(type, 0, 0);
  }

  static void writeWelcome(Frame frame, byte[] sharedKv) {
    frame.payloadToFill().put(sharedKv);
    frame.seal(FrameType.WELCOME, 0, 0);
  }

  static void writeNames(Frame frame, int layer, int firstBlock, int[] blocks, int from, int to) {
    ByteBuffer out = frame.payloadToFill();
    for (int i = from; i < to; i++) {
      out.putInt(blocks[i]);
    }
    frame.seal(FrameType.BLOCKS_AT, layer, firstBlock + from);
  }

  static int[] readNames(Frame frame) {
    var names = new int[frame.payloadLength() / Integer.BYTES];
    frame.payload().asIntBuffer().get(names);
    return names;
  }

  static void writeFirstToken(Frame frame, FirstToken first) {
    Choice choice = first.choice();
    ByteBuffer out = frame.payloadToFill();
    out.putLong(first.seed()).putInt(first.cachedTokens());
    out.putInt(choice.token()).putFloat(choice.logprob()).putInt(choice.topIds().length);
    for (int i = 0; i < choice.topIds().length; i++) {
      out.putInt(choice.topIds()[i]).putFloat(choice.topLogprobs()[i]);
    }
    frame.seal(FrameType.FIRST_TOKEN, 0, 0);
  }

  static FirstToken readFirstToken(Frame frame) throws HandoffException {
    ByteBuffer in = frame.payload();
    long seed = in.getLong();
    int cached = in.getInt();
    int token = in.getInt();
    float logprob = in.getFloat();
    int alternatives = in.getInt();
    if (alternatives < 0 || alternatives > in.remaining() / 8) {
      throw new HandoffException("first token: " + alternatives + " alternatives do not fit");
    }
    var ids = new int[alternatives];
    var logprobs = new float[alternatives];
    for (int i = 0; i < alternatives; i++) {
      ids[i] = in.getInt();
      logprobs[i] = in.getFloat();
    }
    return new FirstToken(new Choice(token, logprob, ids, logprobs), seed, cached);
  }

  private static void putBytes(ByteBuffer out, byte[] bytes) {
    out.putInt(bytes.length).put(bytes);
  }

  private static byte[] getBytes(ByteBuffer in) throws HandoffException {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new HandoffException("HELLO: field of " + length + " bytes does not fit");
    }
    var bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
