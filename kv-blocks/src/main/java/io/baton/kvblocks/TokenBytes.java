package io.baton.kvblocks;

import com.dynatrace.hash4j.hashing.ByteAccess;

/**
 * Reads token ids as the bytes they are hashed as, four a token, little-endian, straight from where
 * they lie.
 */
enum TokenBytes implements ByteAccess<int[]> {
  ACCESS;

  private static final long LOW = 0xFFFF_FFFFL;

  @Override
  public byte getByte(int[] tokens, long position) {
    return (byte) (tokens[(int) (position >> 2)] >>> ((position & 3) << 3));
  }

  @Override
  public int getInt(int[] tokens, long position) {
    if ((position & 3) != 0) {
      return ByteAccess.super.getInt(tokens, position);
    }
    return tokens[(int) (position >> 2)];
  }

  @Override
  public long getIntAsUnsignedLong(int[] tokens, long position) {
    return getInt(tokens, position) & LOW;
  }

  @Override
  public long getLong(int[] tokens, long position) {
    // Every read of XXH3 is aligned to whole tokens; the other branch only keeps the contract.
    if ((position & 3) != 0) {
      return ByteAccess.super.getLong(tokens, position);
    }
    int i = (int) (position >> 2);
    return (tokens[i] & LOW) | ((long) tokens[i + 1] << Integer.SIZE);
  }
}
