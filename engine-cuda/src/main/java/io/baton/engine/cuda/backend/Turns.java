package io.baton.engine.cuda.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.model.Rope;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Cosines and sines of the rotary embedding on the device, {@code [position][pair][cos, sin]}. */
final class Turns {
  private Turns() {}

  /** The same numbers that the CPU backend turns by. */
  static DeviceMemory onDevice(CudaDevice device, Rope rope, int positions) {
    float[] frequencies = rope.inverseFrequencies();
    long floats = 2L * positions * frequencies.length;
    DeviceMemory memory = device.allocate(floats * Float.BYTES, "rotations");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(JAVA_FLOAT, floats);
      long at = 0;
      for (int position = 0; position < positions; position++) {
        for (float frequency : frequencies) {
          // The product is rounded to float, as in the reference.
          float angle = position * frequency;
          table.setAtIndex(JAVA_FLOAT, at++, (float) Math.cos(angle));
          table.setAtIndex(JAVA_FLOAT, at++, (float) Math.sin(angle));
        }
      }
      memory.copyFrom(table, 0);
    }
    return memory;
  }
}
