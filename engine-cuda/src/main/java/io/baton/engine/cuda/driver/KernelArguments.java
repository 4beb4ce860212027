package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The arguments of one launch site: a slot of eight bytes for each, and the table of pointers to
 * them that a launch takes. Made once, changed in place between launches by one thread at a time.
 */
public final class KernelArguments {
  private static final long SLOT = 8;

  private final MemorySegment values;
  private final MemorySegment pointers;
  private final int count;

  private KernelArguments(int count) {
    this.count = count;
    Arena arena = Arena.ofAuto();
    values = arena.allocate(SLOT * Math.max(1, count), SLOT);
    pointers = arena.allocate(SLOT * Math.max(1, count), SLOT);
    for (int i = 0; i < count; i++) {
      pointers.set(JAVA_LONG, SLOT * i, values.address() + SLOT * i);
    }
  }

  /** So many arguments, all zero. */
  public static KernelArguments ofCount(int count) {
    return new KernelArguments(count);
  }

  /** Arguments in the kernel's order: Long (addresses, 64-bit numbers), Integer or Float. */
  public static KernelArguments of(Object... values) {
    var arguments = new KernelArguments(values.length);
    for (int i = 0; i < values.length; i++) {
      switch (values[i]) {
        case Long value -> arguments.set(i, value);
        case Integer value -> arguments.set(i, value);
        case Float value -> arguments.set(i, value);
        default ->
            throw new IllegalArgumentException(
                "argument " + i + ": " + values[i] + " (expected: a Long, Integer or Float)");
      }
    }
    return arguments;
  }

  /** An address, or a 64-bit number. */
  public KernelArguments set(int index, long value) {
    values.set(JAVA_LONG, at(index), value);
    return this;
  }

  public KernelArguments set(int index, int value) {
    values.set(JAVA_INT, at(index), value);
    return this;
  }

  public KernelArguments set(int index, float value) {
    values.set(JAVA_FLOAT, at(index), value);
    return this;
  }

  private long at(int index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(
          "argument: " + index + " (expected: 0 to " + (count - 1) + ")");
    }
    return SLOT * index;
  }

  long address() {
    return pointers.address();
  }
}
