package io.baton.engine.cuda.check;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.engine.cuda.compile.Architecture;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.compile.KernelSource;
import io.baton.engine.cuda.driver.CudaApi;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaEvent;
import io.baton.engine.cuda.driver.CudaException;
import io.baton.engine.cuda.driver.CudaFunction;
import io.baton.engine.cuda.driver.CudaGraph;
import io.baton.engine.cuda.driver.CudaModule;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.IpcHandle;
import io.baton.engine.cuda.driver.KernelArguments;
import io.baton.engine.cuda.driver.LaunchShape;
import io.baton.engine.cuda.driver.PinnedMemory;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.cuda.gemm.Gemm;
import io.baton.engine.cuda.gemm.GemmContext;
import io.baton.engine.cuda.gemm.GemmShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * What every {@link CudaApi} must do, told as one run through it: the bindings on a GPU, and the
 * stand-in that the tests use in place of them. Calls every function of the interfaces but those
 * for several devices. Throws an {@link AssertionError} where something is not as it should be.
 */
public final class BindingConformance {
  private static final int N = 1000;
  private static final int INVALID_IMAGE = 200;

  private final CudaApi api;
  private final CudaDevice device;

  private BindingConformance(CudaApi api, CudaDevice device) {
    this.api = api;
    this.device = device;
  }

  /** Runs through a binding on device 0, whose context is current on this thread afterwards. */
  public static void run(CudaApi api) {
    try (CudaDevice device = CudaDevice.open(api, 0, CudaDevice.Waiting.BLOCKING)) {
      var conformance = new BindingConformance(api, device);
      conformance.device();
      conformance.copies();
      conformance.errors();
      conformance.kernels();
      conformance.products();
      device.synchronize();
    }
  }

  private void device() {
    require(!device.name().isEmpty() && device.uuid().length() == 32, "name and id of the device");
    require(device.computeCapability() >= 50, "capability: " + device.computeCapability());
    require(device.multiprocessors() > 0, "multiprocessors: " + device.multiprocessors());
    CudaDevice.MemoryInfo info = device.memoryInfo();
    require(info.free() > 0 && info.free() <= info.total(), "memory: " + info);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      require(api.driver().cuDeviceTotalMem(out.address(), 0) == 0, "cuDeviceTotalMem");
      require(out.get(JAVA_LONG, 0) >= info.total(), "total: " + out.get(JAVA_LONG, 0));
      require(
          api.driver().cuCtxGetCurrent(out.address()) == 0 && out.get(JAVA_LONG, 0) != 0,
          "cuCtxGetCurrent");
    }
  }

  private void copies() {
    try (DeviceMemory one = device.allocate(4L * N, "one");
        DeviceMemory two = device.allocate(4L * N, "two");
        PinnedMemory host = device.pin(4L * N, "host");
        CudaStream stream = device.newStream();
        CudaStream other = device.newStream();
        CudaEvent event = device.newBlockingEvent();
        CudaEvent from = device.newTimingEvent();
        CudaEvent to = device.newTimingEvent()) {
      stream.record(from);
      for (int i = 0; i < N; i++) {
        host.segment().setAtIndex(JAVA_INT, i, i);
      }
      stream.copyIn(one.address(), host.address(), host.bytes());
      stream.copy(two.address(), one.address(), one.bytes());
      stream.fillInts(one.address(), 77, N / 2);
      stream.fillBytes(one.address() + 2 * N, 0x11, 2 * N);
      stream.record(event);
      other.await(event);
      other.copyOut(host.address(), two.address(), two.bytes());
      other.record(to);
      to.await();
      event.await();
      require(event.done() && stream.done(), "what was waited for is done");
      require(to.millisSince(from) >= 0, "time: " + to.millisSince(from));
      other.synchronize();
      expect(host.segment(), N - 1, N - 1);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment back = arena.allocate(4L * N, 4);
        one.copyTo(back, 0);
        expect(back, 0, 77);
        expect(back, N - 1, 0x11111111);
        two.copyFrom(back, 0);
      }
      byte[] handle = IpcHandle.of(device, one).toBytes();
      require(handle.length == IpcHandle.BYTES, "handle of " + handle.length + " bytes");
    }
  }

  private void errors() {
    long total = device.memoryInfo().total();
    CudaException tooMuch =
        expectFailure(() -> device.allocate(2 * total, "twice all there is").close());
    require(
        tooMuch.outOfMemory() && !tooMuch.endsProcess() && tooMuch.code() == 2,
        "too much memory: " + tooMuch.getMessage());
    CudaException garbage =
        expectFailure(() -> device.load("not a module\0".getBytes(US_ASCII)).close());
    require(garbage.code() == INVALID_IMAGE, "garbage as code: " + garbage.getMessage());
    require(garbage.name().equals("CUDA_ERROR_INVALID_IMAGE"), "name of 200: " + garbage.name());
    device.synchronize();
  }

  private void kernels() {
    var compiler = new KernelCompiler(api.nvrtc(), Optional.empty());
    byte[] cubin =
        compiler
            .compile(
                KernelSource.named(DriverChecks.UNIT),
                Architecture.of(device.computeCapability()),
                List.of())
            .cubin();
    try (CudaModule module = device.load(cubin);
        CudaStream stream = device.newStream();
        DeviceMemory counter = device.allocate(4, "counter");
        PinnedMemory word = device.pin(4, "counter")) {
      CudaException unknown = expectFailure(() -> module.function("no_such_kernel").name());
      require(unknown.code() == 500, "unknown kernel: " + unknown.getMessage());
      CudaFunction count = module.function("count_up");
      require(count.registers() > 0 && count.localBytes() >= 0, "registers");
      require(count.staticSharedBytes() == 0, "shared: " + count.staticSharedBytes());
      require(count.blocksPerMultiprocessor(32, 0) > 0, "occupancy");
      CudaFunction reverse = module.function("reverse_shared");
      reverse.allowShared(100 << 10);
      CudaException shared = expectFailure(() -> reverse.allowShared(1 << 20));
      require(!shared.endsProcess(), "too much shared memory: " + shared.getMessage());
      stream.fillInts(counter.address(), 0, 1);
      var arguments = KernelArguments.of(counter.address(), word.address(), 5);
      LaunchShape shape = LaunchShape.of(1, 32);
      count.launch(stream, shape, arguments);
      stream.synchronize();
      expect(word.segment(), 0, 5);
      try (CudaGraph graph =
          CudaGraph.capture(device, stream, () -> count.launch(stream, shape, arguments))) {
        expect(word.segment(), 0, 5);
        graph.launch(stream);
        graph.launch(stream);
        stream.synchronize();
        expect(word.segment(), 0, 15);
      }
    }
  }

  private void products() {
    var shape = new GemmShape(8, 16, ElementType.F32, ElementType.F32);
    try (var context = new GemmContext(device);
        CudaStream stream = device.newStream();
        Gemm gemm = Gemm.tuned(context, shape, 4, stream);
        DeviceMemory weights = device.allocate(4L * 8 * 16, "W");
        DeviceMemory input = device.allocate(4L * 4 * 16, "X");
        DeviceMemory output = device.allocate(4L * 4 * 8, "Y");
        Arena arena = Arena.ofConfined()) {
      require(context.version() >= 120_000, "cuBLASLt " + context.version());
      MemorySegment w = arena.allocate(weights.bytes(), 4);
      MemorySegment x = arena.allocate(input.bytes(), 4);
      for (int i = 0; i < 8 * 16; i++) {
        w.setAtIndex(JAVA_FLOAT, i, i % 7);
      }
      for (int i = 0; i < 4 * 16; i++) {
        x.setAtIndex(JAVA_FLOAT, i, i % 5);
      }
      weights.copyFrom(w, 0);
      input.copyFrom(x, 0);
      gemm.run(stream, weights.address(), input.address(), output.address(), 4);
      stream.synchronize();
      MemorySegment y = arena.allocate(output.bytes(), 4);
      output.copyTo(y, 0);
      for (int row = 0; row < 4; row++) {
        for (int column = 0; column < 8; column++) {
          float sum = 0;
          for (int i = 0; i < 16; i++) {
            sum +=
                x.getAtIndex(JAVA_FLOAT, 16 * row + i) * w.getAtIndex(JAVA_FLOAT, 16 * column + i);
          }
          float found = y.getAtIndex(JAVA_FLOAT, 8 * row + column);
          require(found == sum, "Y[" + row + "][" + column + "]: " + found + ", not " + sum);
        }
      }
    }
  }

  private static CudaException expectFailure(Runnable call) {
    try {
      call.run();
    } catch (CudaException e) {
      return e;
    }
    throw new AssertionError("a call that must fail did not");
  }

  private static void expect(MemorySegment ints, int index, int expected) {
    int found = ints.getAtIndex(JAVA_INT, index);
    require(found == expected, "int " + index + ": " + found + " (expected: " + expected + ")");
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
