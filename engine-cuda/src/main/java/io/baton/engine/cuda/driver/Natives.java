package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.Pointer;

/** Between addresses and the pointer objects of JavaCPP. */
final class Natives {
  private Natives() {}

  /** A pointer to an address, which it does not own. */
  static Pointer at(long where) {
    return new Borrowed(where);
  }

  /** Writes what a pointer points at to an address. */
  static void write(long address, Pointer pointer) {
    MemorySegment.ofAddress(address).reinterpret(Long.BYTES).set(JAVA_LONG, 0, pointer.address());
  }

  /** JavaCPP gives subclasses alone the right to set an address. */
  private static final class Borrowed extends Pointer {
    Borrowed(long where) {
      address = where;
    }
  }
}
