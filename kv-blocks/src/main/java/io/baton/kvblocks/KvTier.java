package io.baton.kvblocks;

/** Where a block's KV lies, fastest first. */
public enum KvTier {
  DEVICE,
  HOST,
  DISK
}
