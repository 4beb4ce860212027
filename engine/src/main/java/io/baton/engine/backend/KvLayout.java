package io.baton.engine.backend;

/**
 * The form of KV blocks.
 *
 * @param layers layers of KV per block
 * @param layerBlockBytes bytes of one layer of one block
 * @param fingerprint model, element type and order: what both ends of a handoff must agree on
 */
public record KvLayout(int layers, int layerBlockBytes, String fingerprint) {

  /** Bytes of a whole block. */
  public long blockBytes() {
    return (long) layers * layerBlockBytes;
  }
}
