package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What was put into a stream once, to be launched again as a whole. Addresses and arguments are
 * those of the capture; what memory they point at may hold something else each time.
 */
public final class CudaGraph implements AutoCloseable {
  private static final int CAPTURE_THREAD_LOCAL = 1;
  private static final int UNKNOWN = -1;

  private final CudaDevice device;
  private final LaunchApi launches;
  private final long exec;
  private final int nodes;
  private boolean closed;

  private CudaGraph(CudaDevice device, long exec, int nodes) {
    this.device = device;
    this.launches = device.api().launches();
    this.exec = exec;
    this.nodes = nodes;
  }

  /**
   * Captures what {@code work} puts into the stream; nothing of it runs. Inside, no memory may be
   * allocated and nothing waited for or asked. Every kernel and matrix product must have run once
   * before.
   *
   * @throws CudaException if something in it cannot be captured; the stream is usable again then
   */
  public static CudaGraph capture(CudaDevice device, CudaStream stream, Runnable work) {
    LaunchApi launches = device.api().launches();
    Calls calls = device.calls();
    calls.check(
        "cuStreamBeginCapture",
        launches.cuStreamBeginCapture(stream.address(), CAPTURE_THREAD_LOCAL));
    long graph;
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      abandon(launches, stream);
      throw e;
    }
    graph =
        calls.longFrom(
            "cuStreamEndCapture", out -> launches.cuStreamEndCapture(stream.address(), out));
    try {
      int nodes = countNodes(launches, graph);
      long exec =
          calls.longFrom(
              "cuGraphInstantiateWithFlags",
              out -> launches.cuGraphInstantiateWithFlags(out, graph, 0));
      var made = new CudaGraph(device, exec, nodes);
      calls.check("cuGraphUpload", launches.cuGraphUpload(exec, stream.address()));
      return made;
    } finally {
      int ignored = launches.cuGraphDestroy(graph);
    }
  }

  private static void abandon(LaunchApi launches, CudaStream stream) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int code = launches.cuStreamEndCapture(stream.address(), out.address());
      if (code == 0 && out.get(JAVA_LONG, 0) != 0) {
        int ignored = launches.cuGraphDestroy(out.get(JAVA_LONG, 0));
      }
    }
  }

  /** Not every binding can tell. */
  private static int countNodes(LaunchApi launches, long graph) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int code = launches.cuGraphGetNodes(graph, 0, out.address());
      return code == 0 ? Math.toIntExact(out.get(JAVA_LONG, 0)) : UNKNOWN;
    }
  }

  /** Kernels, copies and so on in it; -1 if the binding cannot tell. */
  public int nodes() {
    return nodes;
  }

  /** Puts all of it into a stream. */
  public void launch(CudaStream stream) {
    int code = launches.cuGraphLaunch(exec, stream.address());
    if (code != 0) {
      throw device.calls().failure("cuGraphLaunch", nodes + " nodes", code);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.calls().check("cuGraphExecDestroy", launches.cuGraphExecDestroy(exec));
    }
  }
}
