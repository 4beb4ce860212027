package io.baton.engine.cuda.check;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.cuda.gemm.Gemm;
import io.baton.engine.cuda.gemm.GemmContext;
import io.baton.engine.cuda.gemm.GemmShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Products are right, do not depend on the number of rows, and are fast. */
final class GemmChecks implements CheckSuite {

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "gemm.numbers",
            "products are those of Java's doubles, for all types",
            GemmChecks::numbers),
        new GpuCheck(
            "gemm.batch-invariance",
            "a row has the same bits whatever the number of rows",
            GemmChecks::batchInvariance),
        new GpuCheck("ceiling.gemm", "rate of a large bf16 product", GemmChecks::ceiling));
  }

  private static void numbers(CheckContext c) {
    check(c, new GemmShape(320, 192, ElementType.BF16, ElementType.BF16), 6e-3);
    check(c, new GemmShape(320, 192, ElementType.BF16, ElementType.F32), 1e-6);
    check(c, new GemmShape(320, 192, ElementType.F16, ElementType.F16), 8e-4);
    check(c, new GemmShape(320, 192, ElementType.F16, ElementType.F32), 1e-6);
    check(c, new GemmShape(320, 192, ElementType.F32, ElementType.F32), 1e-6);
  }

  private static void check(CheckContext c, GemmShape shape, double mostError) {
    int rows = 37;
    int most = 64;
    float[] w = random(shape.n() * shape.k(), 1, shape.in());
    float[] x = random(most * shape.k(), 2, shape.in());
    try (var context = new GemmContext(c.device());
        CudaStream stream = c.device().newStream();
        Gemm gemm = Gemm.tuned(context, shape, most, stream);
        DeviceMemory weights = upload(c, w, shape.in());
        DeviceMemory input = upload(c, x, shape.in());
        DeviceMemory output =
            c.device().allocate((long) most * shape.n() * shape.out().bytes(), "Y")) {
      gemm.run(stream, weights.address(), input.address(), output.address(), rows);
      stream.synchronize();
      float[] y = download(output, rows * shape.n(), shape.out());
      double error = 0;
      double norm = 0;
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < shape.n(); column++) {
          double sum = 0;
          for (int i = 0; i < shape.k(); i++) {
            sum += (double) x[row * shape.k() + i] * w[column * shape.k() + i];
          }
          double difference = y[row * shape.n() + column] - sum;
          error += difference * difference;
          norm += sum * sum;
        }
      }
      double relative = Math.sqrt(error / norm);
      c.figure(shape.toString(), relative, "relative L2");
      c.require(
          relative <= mostError, "%s: error %s (expected: at most %s)", shape, relative, mostError);
    }
  }

  private static void batchInvariance(CheckContext c) {
    // The shapes of Qwen3-8B in which split sums were seen, and one that fits no tile.
    for (int[] nk : new int[][] {{4096, 4096}, {4096, 12288}, {1000, 136}}) {
      var shape = new GemmShape(nk[0], nk[1], ElementType.BF16, ElementType.BF16);
      int most = 1024;
      float[] x = random(most * shape.k(), 3, shape.in());
      try (var context = new GemmContext(c.device());
          CudaStream stream = c.device().newStream();
          Gemm gemm = Gemm.tuned(context, shape, most, stream);
          DeviceMemory weights =
              upload(c, random(shape.n() * shape.k(), 4, shape.in()), shape.in());
          DeviceMemory input = upload(c, x, shape.in());
          DeviceMemory output = c.device().allocate(2L * most * shape.n(), "Y")) {
        c.figure("algorithms of " + shape, gemm.differentAlgorithms(), "");
        gemm.run(stream, weights.address(), input.address(), output.address(), most);
        stream.synchronize();
        float[] all = download(output, most * shape.n(), shape.out());
        for (int rows : new int[] {1, 2, 3, 5, 7, 8, 9, 17, 31, 33, 64, 65, 100, 129, 300, 777}) {
          gemm.run(stream, weights.address(), input.address(), output.address(), rows);
          stream.synchronize();
          float[] some = download(output, rows * shape.n(), shape.out());
          int differs = Arrays.mismatch(some, 0, some.length, all, 0, rows * shape.n());
          c.require(differs < 0, "%s, %d rows: element %d has other bits", shape, rows, differs);
        }
      }
    }
  }

  private static void ceiling(CheckContext c) {
    int size = 8192;
    var shape = new GemmShape(size, size, ElementType.BF16, ElementType.BF16);
    try (var context = new GemmContext(c.device());
        CudaStream stream = c.device().newStream();
        Gemm gemm = Gemm.tuned(context, shape, size, stream);
        DeviceMemory w = upload(c, random(size * size, 5, shape.in()), shape.in());
        DeviceMemory y = c.device().allocate(2L * size * size, "Y")) {
      double millis =
          CeilingChecks.best(
              c, stream, () -> gemm.run(stream, w.address(), w.address(), y.address(), size));
      c.figure("8192 cubed, bf16", 2.0 * size * size * size / millis / 1e9, "TFLOP/s");
    }
  }

  private static float[] random(int count, long seed, ElementType type) {
    var random = new SplittableRandom(seed);
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = rounded((float) random.nextDouble(-1, 1), type);
    }
    return values;
  }

  private static float rounded(float value, ElementType type) {
    return switch (type) {
      case F32 -> value;
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BF16 -> Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff_0000);
    };
  }

  private static DeviceMemory upload(CheckContext c, float[] values, ElementType type) {
    DeviceMemory memory = c.device().allocate((long) values.length * type.bytes(), "a matrix");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate((long) values.length * type.bytes(), 8);
      for (int i = 0; i < values.length; i++) {
        switch (type) {
          case F32 -> host.setAtIndex(JAVA_FLOAT, i, values[i]);
          case F16 -> host.setAtIndex(JAVA_SHORT, i, Float.floatToFloat16(values[i]));
          case BF16 ->
              host.setAtIndex(JAVA_SHORT, i, (short) (Float.floatToRawIntBits(values[i]) >>> 16));
        }
      }
      memory.copyFrom(host, 0);
    }
    return memory;
  }

  private static float[] download(DeviceMemory memory, int count, ElementType type) {
    var values = new float[count];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate((long) count * type.bytes(), 8);
      memory.copyTo(host, 0);
      for (int i = 0; i < count; i++) {
        values[i] =
            switch (type) {
              case F32 -> host.getAtIndex(JAVA_FLOAT, i);
              case F16 -> Float.float16ToFloat(host.getAtIndex(JAVA_SHORT, i));
              case BF16 -> Float.intBitsToFloat(host.getAtIndex(JAVA_SHORT, i) << 16);
            };
      }
    }
    return values;
  }
}
