package io.baton.transport;

import io.baton.proto.v1.ReplyChunk;

/** Hears one request's answer, on NATS or timer threads, one call at a time; must only enqueue. */
public interface ReplyListener {
  /** The next chunk: in order, no gap, none twice. The last one says finished or failed. */
  void onChunk(ReplyChunk chunk);

  /** The end, instead of a last chunk. */
  void onLost(Loss loss);
}
