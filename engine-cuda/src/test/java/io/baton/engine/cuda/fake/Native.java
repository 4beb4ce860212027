package io.baton.engine.cuda.fake;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** Reads and writes at addresses. */
final class Native {
  private Native() {}

  static MemorySegment at(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  static void putLong(long address, long value) {
    at(address, 8).set(JAVA_LONG, 0, value);
  }

  static long getLong(long address) {
    return at(address, 8).get(JAVA_LONG, 0);
  }

  static void putInt(long address, int value) {
    at(address, 4).set(JAVA_INT, 0, value);
  }

  static int getInt(long address) {
    return at(address, 4).get(JAVA_INT, 0);
  }

  static String text(long address) {
    return at(address, 1 << 20).getString(0);
  }

  static void copy(long to, long from, long bytes) {
    at(to, bytes).copyFrom(at(from, bytes));
  }
}
