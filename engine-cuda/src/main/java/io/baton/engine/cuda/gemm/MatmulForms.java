package io.baton.engine.cuda.gemm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.baton.engine.cuda.driver.CublasLtApi;
import io.baton.engine.cuda.driver.CudaStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * cuBLASLt's descriptions of a product. It thinks in columns: row-major {@code Y = X W^T} is {@code
 * Y^T = W X^T} there, so that A is W (transposed), B is X, C and D are Y.
 */
final class MatmulForms implements AutoCloseable {
  private static final int COMPUTE_F32 = 68;
  private static final int DESC_TRANSPOSE_A = 3;
  private static final int PREFERENCE_MAX_WORKSPACE = 1;
  private static final int PREFERENCE_REDUCTION_SCHEMES = 3;
  private static final int HEURISTIC_BYTES = 96;
  private static final int HEURISTIC_STATUS_AT = 72;
  private static final int WANTED = 16;

  /** One for each number of rows ever seen would be many; a step's sizes come back again. */
  private static final int MOST_LAYOUTS = 4096;

  private final GemmContext context;
  private final CublasLtApi api;
  private final GemmShape shape;
  private final long desc;
  private final long weights;
  private final Map<Integer, Layouts> layouts = new HashMap<>();

  /** Layouts of input and output for a number of rows. */
  private record Layouts(long input, long output) {}

  private interface Creates {
    int at(long address);
  }

  MatmulForms(GemmContext context, GemmShape shape) {
    this.context = context;
    this.api = context.api();
    this.shape = shape;
    desc =
        create(
            "cublasLtMatmulDescCreate",
            out -> api.cublasLtMatmulDescCreate(out, COMPUTE_F32, ElementType.F32.cudaType()));
    set(DESC_TRANSPOSE_A, 1);
    weights = layout(shape.in(), shape.k(), shape.n(), shape.k());
  }

  private void set(int attribute, int value) {
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocateFrom(JAVA_INT, value).address();
      check(
          "cublasLtMatmulDescSetAttribute",
          api.cublasLtMatmulDescSetAttribute(desc, attribute, at, Integer.BYTES));
    }
  }

  private long layout(ElementType type, long rows, long columns, long leading) {
    return create(
        "cublasLtMatrixLayoutCreate",
        out -> api.cublasLtMatrixLayoutCreate(out, type.cudaType(), rows, columns, leading));
  }

  private long create(String function, Creates call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check(function, call.at(out.address()));
      return out.get(JAVA_LONG, 0);
    }
  }

  private void check(String function, int status) {
    GemmContext.check(function, shape.toString(), status);
  }

  private Layouts layouts(int rows) {
    Layouts known = layouts.get(rows);
    if (known != null) {
      return known;
    }
    if (layouts.size() == MOST_LAYOUTS) {
      closeLayouts();
    }
    var made =
        new Layouts(
            layout(shape.in(), shape.k(), rows, shape.k()),
            layout(shape.out(), shape.n(), rows, shape.n()));
    layouts.put(rows, made);
    return made;
  }

  /** Puts a product into the stream; returns cuBLASLt's status. */
  int run(CudaStream stream, long w, long input, long output, int rows, Algorithm algorithm) {
    Layouts of = layouts(rows);
    return api.cublasLtMatmul(
        context.handle(),
        desc,
        context.one(),
        w,
        weights,
        input,
        of.input(),
        context.zero(),
        output,
        of.output(),
        output,
        of.output(),
        algorithm.address(),
        context.workspace(),
        GemmContext.WORKSPACE_BYTES,
        stream.address());
  }

  /**
   * What cuBLASLt recommends for a number of rows, best first, without splitting sums over k: how
   * such sums are put together would depend on the number of rows.
   */
  List<Algorithm> recommended(int rows) {
    Layouts of = layouts(rows);
    long preference = create("cublasLtMatmulPreferenceCreate", api::cublasLtMatmulPreferenceCreate);
    try (Arena arena = Arena.ofConfined()) {
      prefer(preference, PREFERENCE_MAX_WORKSPACE, GemmContext.WORKSPACE_BYTES, Long.BYTES);
      prefer(preference, PREFERENCE_REDUCTION_SCHEMES, 0, Integer.BYTES);
      MemorySegment results = arena.allocate((long) HEURISTIC_BYTES * WANTED, 16);
      MemorySegment found = arena.allocate(JAVA_INT);
      int status =
          api.cublasLtMatmulAlgoGetHeuristic(
              context.handle(),
              desc,
              weights,
              of.input(),
              of.output(),
              of.output(),
              preference,
              WANTED,
              results.address(),
              found.address());
      check("cublasLtMatmulAlgoGetHeuristic", status);
      var algorithms = new ArrayList<Algorithm>();
      for (int i = 0; i < found.get(JAVA_INT, 0); i++) {
        MemorySegment result = results.asSlice((long) HEURISTIC_BYTES * i, HEURISTIC_BYTES);
        if (result.get(JAVA_INT, HEURISTIC_STATUS_AT) == 0) {
          algorithms.add(new Algorithm(result));
        }
      }
      return algorithms;
    } finally {
      check("cublasLtMatmulPreferenceDestroy", api.cublasLtMatmulPreferenceDestroy(preference));
    }
  }

  private void prefer(long preference, int attribute, long value, int bytes) {
    try (Arena arena = Arena.ofConfined()) {
      // Little-endian: the first bytes of a long are the int.
      long at = arena.allocateFrom(JAVA_LONG, value).address();
      check(
          "cublasLtMatmulPreferenceSetAttribute",
          api.cublasLtMatmulPreferenceSetAttribute(preference, attribute, at, bytes));
    }
  }

  private void closeLayouts() {
    for (Layouts of : layouts.values()) {
      check("cublasLtMatrixLayoutDestroy", api.cublasLtMatrixLayoutDestroy(of.input()));
      check("cublasLtMatrixLayoutDestroy", api.cublasLtMatrixLayoutDestroy(of.output()));
    }
    layouts.clear();
  }

  @Override
  public void close() {
    closeLayouts();
    check("cublasLtMatrixLayoutDestroy", api.cublasLtMatrixLayoutDestroy(weights));
    check("cublasLtMatmulDescDestroy", api.cublasLtMatmulDescDestroy(desc));
  }
}
