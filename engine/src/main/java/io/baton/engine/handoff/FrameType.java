package io.baton.engine.handoff;

import org.jspecify.annotations.Nullable;

/** What a {@link Frame} of the data plane is. */
enum FrameType {
  /** Decode: who I am and what I lack. */
  HELLO(1),
  /** Prefill: blocks will come; the payload is its shared KV, if it has some. */
  WELCOME(2),
  /** Either: it ends here; the payload is the reason. */
  ABORT(3),
  /** Prefill: layer a of block b, and of as many after it as the payload has room for. */
  BLOCK(4),
  /** Prefill: the first token; nothing comes after it. */
  FIRST_TOKEN(5),
  /** Decode: I have everything. */
  DONE(6),
  /** Prefill: still computing. */
  PING(7),
  /** Decode, after a welcome with a payload: I read your KV in place. */
  SHARED(8),
  /** Decode, after such a welcome: I cannot, send it. */
  UNSHARED(9),
  /** Prefill: layer a of block b and those after it lie in the blocks of the payload. */
  BLOCKS_AT(10);

  private static final FrameType[] ALL = values();

  final int code;

  FrameType(int code) {
    this.code = code;
  }

  static @Nullable FrameType of(int code) {
    for (FrameType type : ALL) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }
}
