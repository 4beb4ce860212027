package io.baton.engine.cuda.fake;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Streams in which everything is done at once, kernels in Java, graphs as lists of work. */
@SuppressWarnings("unused") // called by name
public final class FakeLaunches {
  private static final int INVALID_VALUE = 1;
  private static final int INVALID_IMAGE = 200;
  private static final int NOT_FOUND = 500;
  private static final int CAPTURE_UNSUPPORTED = 900;
  private static final int CAPTURE_INVALIDATED = 901;
  private static final int MOST_SHARED = 232_448;

  /** What a kernel does. */
  @FunctionalInterface
  public interface Kernel {
    void run(Launch launch);
  }

  /** A launch as it came. */
  public record Launch(
      String kernel,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int sharedBytes,
      long stream,
      long parameters) {
    /** An argument that is a 64-bit number or an address. */
    public long longAt(int index) {
      return Native.getLong(Native.getLong(parameters + 8L * index));
    }

    public int intAt(int index) {
      return Native.getInt(Native.getLong(parameters + 8L * index));
    }

    public float floatAt(int index) {
      return Native.at(Native.getLong(parameters + 8L * index), 4).get(JAVA_FLOAT, 0);
    }
  }

  private final Map<String, Kernel> kernels = new HashMap<>();
  private final Map<String, Integer> argumentCounts = new HashMap<>();
  private final List<MemorySegment> argumentCopies = new ArrayList<>();
  private final Map<Long, String> functions = new HashMap<>();
  private final Map<Long, Integer> allowedShared = new HashMap<>();
  private final Map<Long, List<Runnable>> graphs = new HashMap<>();
  private final Map<Long, Long> eventCosts = new HashMap<>();
  private final Set<Long> open = new HashSet<>();
  private final Map<Long, String> kinds = new HashMap<>();
  private final List<Launch> launched = new ArrayList<>();
  private long handles = 0x1000;
  private long cost;
  private long capturing;
  private boolean invalidated;
  private List<Runnable> captured = new ArrayList<>();

  void kernel(String name, Kernel body) {
    kernels.put(name, body);
  }

  /** A kernel of so many arguments, which are kept as they are at the launch, as a driver does. */
  void kernel(String name, int arguments, Kernel body) {
    kernels.put(name, body);
    argumentCounts.put(name, arguments);
  }

  /** The arguments of a launch in memory of its own, if their number is known. */
  private long kept(String kernel, long parameters) {
    Integer count = argumentCounts.get(kernel);
    if (count == null) {
      return parameters;
    }
    Arena arena = Arena.ofAuto();
    MemorySegment copy = arena.allocate(16L * count, 8);
    argumentCopies.add(copy);
    for (int i = 0; i < count; i++) {
      long value = copy.address() + 8L * (count + i);
      Native.putLong(copy.address() + 8L * i, value);
      Native.putLong(value, Native.getLong(Native.getLong(parameters + 8L * i)));
    }
    return copy.address();
  }

  List<Launch> launched() {
    return List.copyOf(launched);
  }

  List<String> leftOpen() {
    return open.stream().map(kinds::get).toList();
  }

  /** Work of some cost, now or when the graph that is captured is launched. */
  void work(long stream, long itsCost, Runnable work) {
    Runnable counted =
        () -> {
          cost += itsCost;
          work.run();
        };
    if (capturing == stream && capturing != 0) {
      captured.add(counted);
    } else {
      counted.run();
    }
  }

  private int make(String kind, long out) {
    long handle = handles++;
    open.add(handle);
    kinds.put(handle, kind);
    Native.putLong(out, handle);
    return 0;
  }

  private int end(long handle) {
    return open.remove(handle) ? 0 : INVALID_VALUE;
  }

  int cuStreamCreate(long out, int flags) {
    return make("stream", out);
  }

  int cuStreamDestroy(long stream) {
    return end(stream);
  }

  int cuStreamSynchronize(long stream) {
    if (stream == capturing) {
      invalidated = true;
      return CAPTURE_UNSUPPORTED;
    }
    return 0;
  }

  int cuStreamQuery(long stream) {
    return 0;
  }

  int cuStreamWaitEvent(long stream, long event, int flags) {
    return 0;
  }

  int cuEventCreate(long out, int flags) {
    return make("event", out);
  }

  int cuEventDestroy(long event) {
    return end(event);
  }

  int cuEventRecord(long event, long stream) {
    eventCosts.put(event, cost);
    return 0;
  }

  int cuEventSynchronize(long event) {
    return 0;
  }

  int cuEventQuery(long event) {
    return 0;
  }

  int cuEventElapsedTime(long out, long from, long to) {
    float millis = (eventCosts.get(to) - eventCosts.get(from)) / 1000f;
    Native.at(out, 4).set(JAVA_FLOAT, 0, millis);
    return 0;
  }

  int cuModuleLoadData(long out, long image) {
    return Native.getInt(image) == FakeNvrtc.MAGIC ? make("module", out) : INVALID_IMAGE;
  }

  int cuModuleUnload(long module) {
    return end(module);
  }

  int cuModuleGetFunction(long out, long module, long name) {
    String text = Native.text(name);
    if (text.startsWith("no_such")) {
      return NOT_FOUND;
    }
    long handle = handles++;
    functions.put(handle, text);
    Native.putLong(out, handle);
    return 0;
  }

  int cuFuncGetAttribute(long out, int attribute, long function) {
    Native.putInt(out, attribute == 4 ? 32 : 0);
    return 0;
  }

  int cuFuncSetAttribute(long function, int attribute, int value) {
    if (value > MOST_SHARED) {
      return INVALID_VALUE;
    }
    allowedShared.put(function, value);
    return 0;
  }

  int cuOccupancyMaxActiveBlocksPerMultiprocessor(
      long out, long function, int blockSize, long sharedBytes) {
    Native.putInt(out, 2048 / blockSize);
    return 0;
  }

  int cuLaunchKernel(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int sharedBytes,
      long stream,
      long parameters,
      long extra) {
    if (sharedBytes > allowedShared.getOrDefault(function, 48 << 10)) {
      return INVALID_VALUE;
    }
    var launch =
        new Launch(
            functions.get(function),
            gridX,
            gridY,
            gridZ,
            blockX,
            sharedBytes,
            stream,
            kept(functions.get(function), parameters));
    work(
        stream,
        10,
        () -> {
          launched.add(launch);
          kernels.getOrDefault(launch.kernel(), ignored -> {}).run(launch);
        });
    return 0;
  }

  int cuLaunchKernelEx(long config, long function, long parameters, long extra) {
    return cuLaunchKernel(
        function,
        Native.getInt(config),
        Native.getInt(config + 4),
        Native.getInt(config + 8),
        Native.getInt(config + 12),
        Native.getInt(config + 16),
        Native.getInt(config + 20),
        Native.getInt(config + 24),
        Native.getLong(config + 32),
        parameters,
        extra);
  }

  int cuStreamBeginCapture(long stream, int mode) {
    capturing = stream;
    invalidated = false;
    captured = new ArrayList<>();
    return 0;
  }

  int cuStreamEndCapture(long stream, long out) {
    capturing = 0;
    if (invalidated) {
      Native.putLong(out, 0);
      return CAPTURE_INVALIDATED;
    }
    int code = make("graph", out);
    graphs.put(Native.getLong(out), captured);
    return code;
  }

  int cuGraphInstantiateWithFlags(long out, long graph, long flags) {
    int code = make("graph to run", out);
    graphs.put(Native.getLong(out), graphs.get(graph));
    return code;
  }

  int cuGraphUpload(long exec, long stream) {
    return 0;
  }

  int cuGraphLaunch(long exec, long stream) {
    graphs.get(exec).forEach(Runnable::run);
    return 0;
  }

  int cuGraphGetNodes(long graph, long nodes, long count) {
    Native.putLong(count, graphs.get(graph).size());
    return 0;
  }

  int cuGraphExecDestroy(long exec) {
    return end(exec);
  }

  int cuGraphDestroy(long graph) {
    return end(graph);
  }
}
