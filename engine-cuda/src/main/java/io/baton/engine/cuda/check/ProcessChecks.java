package io.baton.engine.cuda.check;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.baton.engine.cuda.driver.Bindings;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaException;
import io.baton.engine.cuda.driver.CudaModule;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.IpcHandle;
import io.baton.engine.cuda.driver.KernelArguments;
import io.baton.engine.cuda.driver.LaunchShape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** What takes more than one process: shared memory, and the death of one. */
final class ProcessChecks implements CheckSuite {
  static final int SHARED_INTS = 16 << 20;
  private static final long CHILD_SECONDS = 60;

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "process.ipc",
            "memory of another process on the card can be read, and is its own",
            ProcessChecks::ipc),
        new GpuCheck(
            "process.sticky-error",
            "a bad address ends its process with a message, and harms no other",
            ProcessChecks::stickyError));
  }

  private static void ipc(CheckContext c) throws IOException {
    Process owner = ChildJvm.of(MemoryOwner.class, List.of(c.api().binding())).start();
    try (var output = owner.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      while (line != null && !line.startsWith(MemoryOwner.HANDLE)) {
        line = output.readLine();
      }
      c.require(line != null, "the owner told no handle");
      byte[] bytes =
          HexFormat.of().parseHex(String.valueOf(line).substring(MemoryOwner.HANDLE.length()));
      readShared(c, IpcHandle.of(bytes));
    } finally {
      // The owner ends when its input does.
      owner.getOutputStream().close();
      awaitEnd(owner);
    }
  }

  private static void awaitEnd(Process owner) {
    try {
      if (!owner.waitFor(CHILD_SECONDS, java.util.concurrent.TimeUnit.SECONDS)) {
        owner.destroyForcibly();
      }
    } catch (InterruptedException e) {
      owner.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static void readShared(CheckContext c, IpcHandle handle) {
    long size = 4L * SHARED_INTS;
    long start = System.nanoTime();
    try (IpcHandle.Opened there = handle.open(c.device());
        DeviceMemory here = c.device().allocate(size, "a copy");
        CudaStream stream = c.device().newStream();
        Arena arena = Arena.ofConfined()) {
      c.figure("open", (System.nanoTime() - start) / 1e6, "ms");
      stream.copy(here.address(), there.address(), size);
      stream.synchronize();
      start = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        stream.copy(here.address(), there.address(), size);
      }
      stream.synchronize();
      c.figure("copy, read + write", 2.0 * 20 * size / (System.nanoTime() - start), "GB/s");
      MemorySegment values = arena.allocate(JAVA_INT, SHARED_INTS);
      here.copyTo(values, 0);
      for (int i = 0; i < SHARED_INTS; i++) {
        int found = values.getAtIndex(JAVA_INT, i);
        c.require(found == MemoryOwner.value(i), "int %d: %d", i, found);
      }
    }
  }

  private static void stickyError(CheckContext c) throws IOException {
    ChildJvm.Ended ended = ChildJvm.run(Victim.class, List.of(c.api().binding()), CHILD_SECONDS);
    c.require(
        ended.code() == GpuChecks.LOST_DEVICE && ended.output().contains("ends; a new one can"),
        "the child ended with %d and said:%n%s",
        ended.code(),
        ended.output());
    String said =
        ended.output().lines().filter(line -> line.startsWith("lost: ")).findFirst().orElse("");
    c.figure("message", said);
    // This process, on the same card, goes on.
    try (CudaModule module = c.module(DriverChecks.UNIT);
        CudaStream stream = c.device().newStream()) {
      module.function("spin").launch(stream, LaunchShape.of(1, 1), KernelArguments.of(1000L));
      stream.synchronize();
    }
  }

  /** Holds memory that another process opens, until its standard input ends. */
  static final class MemoryOwner {
    static final String HANDLE = "handle ";

    private MemoryOwner() {}

    static int value(int index) {
      return index * 0x9e3779b9;
    }

    /** Argument: the binding. */
    public static void main(String[] arguments) throws IOException {
      try (CudaDevice device = open(arguments[0]);
          DeviceMemory memory = device.allocate(4L * SHARED_INTS, "shared");
          Arena arena = Arena.ofConfined()) {
        MemorySegment values = arena.allocate(JAVA_INT, SHARED_INTS);
        for (int i = 0; i < SHARED_INTS; i++) {
          values.setAtIndex(JAVA_INT, i, value(i));
        }
        memory.copyFrom(values, 0);
        device.synchronize();
        System.out.println(
            HANDLE + HexFormat.of().formatHex(IpcHandle.of(device, memory).toBytes()));
        while (System.in.read() >= 0) {
          // Only the end matters.
        }
      }
    }
  }

  /** Writes where nothing is, and ends as a worker does. */
  static final class Victim {
    private static final long NOWHERE = 0xdead_beef_0000L;

    private Victim() {}

    /** Argument: the binding. */
    public static void main(String[] arguments) {
      CudaDevice device = open(arguments[0]);
      var context = new CheckContext(device, java.nio.file.Path.of("."));
      CudaStream stream = device.newStream();
      CudaModule module = context.module(DriverChecks.UNIT);
      module.function("write_at").launch(stream, LaunchShape.of(1, 1), KernelArguments.of(NOWHERE));
      try {
        stream.synchronize();
      } catch (CudaException e) {
        System.out.println("lost: " + e.getMessage());
        try {
          System.out.println("then: " + device.memoryInfo());
        } catch (CudaException then) {
          System.out.println("then: " + then.getMessage());
        }
        System.exit(e.endsProcess() ? GpuChecks.LOST_DEVICE : 1);
      }
      System.exit(0);
    }
  }

  static CudaDevice open(String binding) {
    var choice = Bindings.Choice.valueOf(binding.toUpperCase(java.util.Locale.ROOT));
    return CudaDevice.open(Bindings.open(choice, List.of()), 0, CudaDevice.Waiting.BLOCKING);
  }
}
