package io.baton.engine.cuda.check;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaEvent;
import io.baton.engine.cuda.driver.CudaException;
import io.baton.engine.cuda.driver.CudaFunction;
import io.baton.engine.cuda.driver.CudaGraph;
import io.baton.engine.cuda.driver.CudaModule;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DependentLaunch;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.KernelArguments;
import io.baton.engine.cuda.driver.LaunchShape;
import io.baton.engine.cuda.driver.PinnedMemory;
import io.baton.engine.cuda.driver.Sizes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Devices, memory, kernels, events and graphs do what their objects say. */
final class DriverChecks implements CheckSuite {
  static final String UNIT = "driver_checks.cu";
  private static final int THREADS = 256;

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "driver.memory",
            "what is allocated is missing from free memory, and comes back",
            DriverChecks::memory),
        new GpuCheck(
            "driver.out-of-memory",
            "asking for more than there is says the sums, and breaks nothing",
            DriverChecks::outOfMemory),
        new GpuCheck(
            "driver.pinned",
            "bytes come back as they went, by pinned memory",
            DriverChecks::pinned),
        new GpuCheck("driver.launch", "kernels compute what Java computes", DriverChecks::launch),
        new GpuCheck(
            "driver.shared-memory",
            "kernels get 100 KB of shared memory when asked",
            DriverChecks::sharedMemory),
        new GpuCheck(
            "driver.bad-launch",
            "an impossible launch names kernel and shape, and breaks nothing",
            DriverChecks::badLaunch),
        new GpuCheck(
            "driver.dependent-launch",
            "a chain of dependent launches counts right",
            DriverChecks::dependentLaunch),
        new GpuCheck(
            "driver.events",
            "waiting for a blocking event uses little CPU, and times are right",
            DriverChecks::events),
        new GpuCheck("driver.graph", "a graph does again what was captured", DriverChecks::graph));
  }

  private static void memory(CheckContext c) {
    long bytes = 1L << 30;
    long before = c.device().memoryInfo().free();
    try (DeviceMemory memory = c.device().allocate(bytes, "the check")) {
      long during = c.device().memoryInfo().free();
      c.require(
          before - during >= bytes && memory.address() % 256 == 0,
          "free: %d, then %d (expected: %d less)",
          before,
          during,
          bytes);
    }
    long after = c.device().memoryInfo().free();
    c.require(after >= before, "free: %d (expected: %d again)", after, before);
    c.figure("free", Sizes.text(after));
  }

  private static void outOfMemory(CheckContext c) {
    long much = c.device().memoryInfo().total() + (1L << 30);
    try (DeviceMemory memory = c.device().allocate(much, "KV blocks")) {
      throw new AssertionError(memory.bytes() + " bytes were there");
    } catch (CudaException e) {
      c.require(
          e.outOfMemory()
              && !e.endsProcess()
              && e.getMessage().contains("KV blocks")
              && e.getMessage().contains("are free"),
          "message: %s",
          e.getMessage());
      c.figure("message", e.getMessage());
    }
    c.device().allocate(1 << 20, "the check").close();
  }

  private static void pinned(CheckContext c) {
    int ints = 1 << 20;
    try (PinnedMemory out = c.device().pin(4L * ints, "the check");
        PinnedMemory back = c.device().pin(4L * ints, "the check");
        DeviceMemory there = c.device().allocate(4L * ints, "the check");
        CudaStream stream = c.device().newStream()) {
      for (int i = 0; i < ints; i++) {
        out.segment().setAtIndex(JAVA_INT, i, i * 0x9e3779b9);
      }
      stream.fillBytes(there.address(), 0, there.bytes());
      stream.copyIn(there.address(), out.address(), out.bytes());
      stream.copyOut(back.address(), there.address(), back.bytes());
      stream.synchronize();
      long differs = out.segment().mismatch(back.segment());
      c.require(differs < 0, "byte %d differs", differs);
    }
  }

  private static void launch(CheckContext c) {
    int n = 100_003;
    try (CudaModule module = c.module(UNIT);
        CudaStream stream = c.device().newStream();
        DeviceMemory x = c.device().allocate(4L * n, "x");
        DeviceMemory y = c.device().allocate(4L * n, "y");
        Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(JAVA_FLOAT, n);
      for (int i = 0; i < n; i++) {
        values.setAtIndex(JAVA_FLOAT, i, i % 1000);
      }
      x.copyFrom(values, 0);
      y.copyFrom(values, 0);
      CudaFunction axpy = module.function("axpy");
      c.figure("registers", axpy.registers(), "");
      axpy.launch(
          stream,
          LaunchShape.covering(n, THREADS),
          KernelArguments.of(x.address(), y.address(), 2f, n));
      stream.synchronize();
      MemorySegment result = arena.allocate(JAVA_FLOAT, n);
      y.copyTo(result, 0);
      for (int i = 0; i < n; i++) {
        float expected = 2f * (i % 1000) + i % 1000;
        float found = result.getAtIndex(JAVA_FLOAT, i);
        c.require(found == expected, "y[%d]: %s (expected: %s)", i, found, expected);
      }
    }
  }

  private static void sharedMemory(CheckContext c) {
    int n = 25_600;
    try (CudaModule module = c.module(UNIT);
        CudaStream stream = c.device().newStream();
        DeviceMemory in = c.device().allocate(4L * n, "in");
        DeviceMemory out = c.device().allocate(4L * n, "out");
        Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(JAVA_INT, n);
      for (int i = 0; i < n; i++) {
        values.setAtIndex(JAVA_INT, i, i);
      }
      in.copyFrom(values, 0);
      module
          .function("reverse_shared")
          .launch(
              stream,
              LaunchShape.of(1, THREADS).withShared(4 * n),
              KernelArguments.of(in.address(), out.address(), n));
      stream.synchronize();
      out.copyTo(values, 0);
      for (int i = 0; i < n; i++) {
        int found = values.getAtIndex(JAVA_INT, i);
        c.require(found == n - 1 - i, "out[%d]: %d (expected: %d)", i, found, n - 1 - i);
      }
    }
  }

  private static void badLaunch(CheckContext c) {
    try (CudaModule module = c.module(UNIT);
        CudaStream stream = c.device().newStream()) {
      CudaFunction reverse = module.function("reverse_shared");
      try {
        reverse.launch(
            stream, LaunchShape.of(1, THREADS).withShared(300_000), KernelArguments.of(0L, 0L, 0));
        throw new AssertionError("300,000 bytes of shared memory were given");
      } catch (CudaException e) {
        c.require(
            !e.endsProcess() && e.getMessage().contains("reverse_shared"),
            "message: %s",
            e.getMessage());
        c.figure("message", e.getMessage());
      }
      try {
        c.require(module.function("no_such_kernel").registers() < 0, "there is no such kernel");
      } catch (CudaException e) {
        c.require(e.getMessage().contains("no_such_kernel"), "message: %s", e.getMessage());
      }
      stream.synchronize();
    }
  }

  private static void dependentLaunch(CheckContext c) throws SkippedException {
    if (c.device().computeCapability() < 90) {
      throw new SkippedException("needs compute capability 9.0");
    }
    int launches = 1000;
    try (CudaModule module = c.module(UNIT);
        CudaStream stream = c.device().newStream();
        DeviceMemory counter = c.device().allocate(4, "counter");
        PinnedMemory word = c.device().pin(4, "counter")) {
      stream.fillInts(counter.address(), 0, 1);
      CudaFunction count = module.function("count_up");
      var configuration = new DependentLaunch(LaunchShape.of(1, 32));
      var arguments = KernelArguments.of(counter.address(), word.address(), 3);
      for (int i = 0; i < launches; i++) {
        count.launchDependent(stream, configuration, arguments);
      }
      stream.synchronize();
      int found = word.segment().get(JAVA_INT, 0);
      c.require(found == 3 * launches, "counter: %d (expected: %d)", found, 3 * launches);
    }
  }

  private static void events(CheckContext c) {
    long nanos = 100_000_000;
    CudaDevice device = c.device();
    try (CudaModule module = c.module(UNIT);
        CudaStream stream = device.newStream();
        CudaEvent from = device.newTimingEvent();
        CudaEvent to = device.newTimingEvent();
        CudaEvent end = device.newBlockingEvent()) {
      stream.record(from);
      module.function("spin").launch(stream, LaunchShape.of(1, 1), KernelArguments.of(nanos));
      stream.record(to);
      stream.record(end);
      c.require(!end.done(), "the event of a running kernel says that it has happened");
      long cpu = threadCpu();
      end.await();
      double used = (threadCpu() - cpu) / 1e6;
      float millis = to.millisSince(from);
      c.figure("kernel", millis, "ms");
      c.figure("CPU while waiting", used, "ms");
      c.require(millis > 90 && millis < 130, "kernel: %s ms (expected: about 100)", millis);
      c.require(used < 30, "CPU while waiting: %s ms (expected: below 30)", used);
    }
  }

  private static long threadCpu() {
    return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void graph(CheckContext c) {
    int times = 50;
    try (CudaModule module = c.module(UNIT);
        CudaStream stream = c.device().newStream();
        DeviceMemory counter = c.device().allocate(4, "counter");
        PinnedMemory word = c.device().pin(4, "counter")) {
      CudaFunction count = module.function("count_up");
      var arguments = KernelArguments.of(counter.address(), word.address(), 1);
      LaunchShape shape = LaunchShape.of(1, 32);
      count.launch(stream, shape, arguments);
      stream.fillInts(counter.address(), 0, 1);
      stream.synchronize();
      try (CudaGraph graph =
          CudaGraph.capture(
              c.device(),
              stream,
              () -> {
                for (int i = 0; i < 10; i++) {
                  count.launch(stream, shape, arguments);
                }
              })) {
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
          graph.launch(stream);
        }
        stream.synchronize();
        c.figure("nodes", graph.nodes(), "");
        c.figure("a launch of 10 nodes", (System.nanoTime() - start) / 1e3 / times, "us");
        int found = word.segment().get(JAVA_INT, 0);
        c.require(found == 10 * times, "counter: %d (expected: %d)", found, 10 * times);
      }
      captureFailure(c, stream);
    }
  }

  /** A capture in which something is done that must not be leaves the stream usable. */
  private static void captureFailure(CheckContext c, CudaStream stream) {
    try (CudaGraph graph = CudaGraph.capture(c.device(), stream, stream::synchronize)) {
      throw new AssertionError("a wait was captured as " + graph.nodes() + " nodes");
    } catch (CudaException e) {
      c.figure("message", e.getMessage());
    }
    stream.synchronize();
  }
}
