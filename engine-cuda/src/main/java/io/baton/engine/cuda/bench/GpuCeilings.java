package io.baton.engine.cuda.bench;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaEvent;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.cuda.gemm.Gemm;
import io.baton.engine.cuda.gemm.GemmContext;
import io.baton.engine.cuda.gemm.GemmShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Ceilings of a card: a large copy inside it, and a large product. */
public final class GpuCeilings {
  private static final int REPEATS = 5;
  private static final long COPY_BYTES = 2L << 30;
  private static final int PRODUCT = 8192;

  /** Random numbers that repeat; odd, so that rows differ. */
  private static final int PATTERN = 1_048_573;

  private GpuCeilings() {}

  /** Measures both; takes a second or two and some GiB of the device while it does. */
  public static Ceilings measure(CudaDevice device) {
    return new Ceilings(
        bandwidth(device),
        products(device),
        "copy of %d GiB, read + write; bf16 product %d cubed".formatted(COPY_BYTES >> 30, PRODUCT));
  }

  /** Bytes a second of a copy inside the card, read and written ones counted. */
  public static double bandwidth(CudaDevice device) {
    try (DeviceMemory from = device.allocate(COPY_BYTES, "from");
        DeviceMemory to = device.allocate(COPY_BYTES, "to");
        CudaStream stream = device.newStream()) {
      double millis =
          best(device, stream, () -> stream.copy(to.address(), from.address(), COPY_BYTES));
      return 2e3 * COPY_BYTES / millis;
    }
  }

  private static double products(CudaDevice device) {
    var shape = new GemmShape(PRODUCT, PRODUCT, ElementType.BF16, ElementType.BF16);
    long bytes = (long) PRODUCT * PRODUCT * ElementType.BF16.bytes();
    try (var context = new GemmContext(device);
        CudaStream stream = device.newStream();
        Gemm gemm = Gemm.tuned(context, shape, PRODUCT, stream);
        DeviceMemory input = device.allocate(bytes, "X");
        DeviceMemory output = device.allocate(bytes, "Y")) {
      fillRandom(input);
      double millis =
          best(
              device,
              stream,
              () -> gemm.run(stream, input.address(), input.address(), output.address(), PRODUCT));
      return 2.0 * PRODUCT * PRODUCT * PRODUCT / millis * 1e3;
    }
  }

  /** Equal numbers draw less power than any weights: the rate would be one that nothing reaches. */
  private static void fillRandom(DeviceMemory memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pattern = arena.allocate(Short.BYTES * (long) PATTERN, Long.BYTES);
      var random = new SplittableRandom(1);
      for (int i = 0; i < PATTERN; i++) {
        int bits = Float.floatToRawIntBits((float) random.nextDouble(-1, 1));
        pattern.setAtIndex(JAVA_SHORT, i, (short) (bits >>> 16));
      }
      for (long at = 0; at < memory.bytes(); at += pattern.byteSize()) {
        memory.copyFrom(pattern.asSlice(0, Math.min(pattern.byteSize(), memory.bytes() - at)), at);
      }
    }
  }

  /** Least milliseconds of some runs, after one to warm up. */
  public static double best(CudaDevice device, CudaStream stream, Runnable work) {
    double best = Double.MAX_VALUE;
    try (CudaEvent from = device.newTimingEvent();
        CudaEvent to = device.newTimingEvent()) {
      work.run();
      for (int i = 0; i < REPEATS; i++) {
        stream.record(from);
        work.run();
        stream.record(to);
        to.await();
        best = Math.min(best, to.millisSince(from));
      }
    }
    return best;
  }
}
