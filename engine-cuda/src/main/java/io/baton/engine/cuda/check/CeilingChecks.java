package io.baton.engine.cuda.check;

import io.baton.engine.cuda.bench.GpuCeilings;
import io.baton.engine.cuda.driver.CudaFunction;
import io.baton.engine.cuda.driver.CudaModule;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.HostRegistration;
import io.baton.engine.cuda.driver.KernelArguments;
import io.baton.engine.cuda.driver.LaunchShape;
import io.baton.engine.cuda.driver.PinnedMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** What the card can do at best: the figures that others are held against. */
final class CeilingChecks implements CheckSuite {
  private static final long COPY_BYTES = 4L << 30;
  private static final long HOST_BYTES = 256L << 20;

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "ceiling.device-copy", "bandwidth of device memory", CeilingChecks::deviceCopy),
        new GpuCheck(
            "ceiling.host-copy", "bandwidth to and from the host", CeilingChecks::hostCopy),
        new GpuCheck(
            "ceiling.mapped-file",
            "a mapped file, registered, is copied at full speed",
            CeilingChecks::mappedFile));
  }

  private static void deviceCopy(CheckContext c) {
    try (DeviceMemory from = c.device().allocate(COPY_BYTES, "from");
        DeviceMemory to = c.device().allocate(COPY_BYTES, "to");
        CudaModule module = c.module(DriverChecks.UNIT);
        CudaStream stream = c.device().newStream()) {
      stream.fillBytes(from.address(), 1, COPY_BYTES);
      double copy = best(c, stream, () -> stream.copy(to.address(), from.address(), COPY_BYTES));
      CudaFunction read = module.function("read_only");
      var arguments = KernelArguments.of(from.address(), COPY_BYTES / 16, to.address());
      LaunchShape shape = LaunchShape.of(c.device().multiprocessors() * 16, 512);
      double reading = best(c, stream, () -> read.launch(stream, shape, arguments));
      c.figure("copy, read + write", 2 * COPY_BYTES / copy / 1e6, "GB/s");
      c.figure("reading", COPY_BYTES / reading / 1e6, "GB/s");
    }
  }

  private static void hostCopy(CheckContext c) {
    try (PinnedMemory host = c.device().pin(HOST_BYTES, "the check");
        DeviceMemory there = c.device().allocate(HOST_BYTES, "the check");
        CudaStream stream = c.device().newStream()) {
      double in = best(c, stream, () -> stream.copyIn(there.address(), host.address(), HOST_BYTES));
      double out =
          best(c, stream, () -> stream.copyOut(host.address(), there.address(), HOST_BYTES));
      c.figure("to the device", HOST_BYTES / in / 1e6, "GB/s");
      c.figure("from the device", HOST_BYTES / out / 1e6, "GB/s");
    }
  }

  private static void mappedFile(CheckContext c) throws IOException {
    Path file = c.folder().resolve("mapped");
    try (var channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        Arena arena = Arena.ofConfined()) {
      var writable = channel.map(MapMode.READ_WRITE, 0, HOST_BYTES, arena);
      writable.fill((byte) 7);
      var mapped = channel.map(MapMode.READ_ONLY, 0, HOST_BYTES, arena);
      long start = System.nanoTime();
      try (HostRegistration registered = HostRegistration.readOnly(c.device(), mapped);
          DeviceMemory there = c.device().allocate(HOST_BYTES, "the check");
          CudaStream stream = c.device().newStream()) {
        c.figure("registering 256 MiB", (System.nanoTime() - start) / 1e6, "ms");
        double in =
            best(c, stream, () -> stream.copyIn(there.address(), mapped.address(), HOST_BYTES));
        c.figure("to the device", HOST_BYTES / in / 1e6, "GB/s");
        var back = arena.allocate(HOST_BYTES);
        there.copyTo(back, 0);
        c.require(back.mismatch(mapped) < 0, "%s: other bytes came back", registered);
      }
    }
  }

  /** Least milliseconds of some runs, after one to warm up. */
  static double best(CheckContext c, CudaStream stream, Runnable work) {
    return GpuCeilings.best(c.device(), stream, work);
  }
}
