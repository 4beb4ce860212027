package io.baton.engine.cuda.driver;

import java.lang.foreign.MemorySegment;

/** cuBLASLt through {@code java.lang.foreign}. */
final class FfmCublasLt implements CublasLtApi {
  private final MemorySegment cublasLtGetVersion;
  private final MemorySegment cublasLtCreate;
  private final MemorySegment cublasLtDestroy;
  private final MemorySegment cublasLtMatmulDescCreate;
  private final MemorySegment cublasLtMatmulDescDestroy;
  private final MemorySegment cublasLtMatmulDescSetAttribute;
  private final MemorySegment cublasLtMatrixLayoutCreate;
  private final MemorySegment cublasLtMatrixLayoutDestroy;
  private final MemorySegment cublasLtMatmulPreferenceCreate;
  private final MemorySegment cublasLtMatmulPreferenceDestroy;
  private final MemorySegment cublasLtMatmulPreferenceSetAttribute;
  private final MemorySegment cublasLtMatmulAlgoGetHeuristic;
  private final MemorySegment cublasLtMatmulAlgoCheck;
  private final MemorySegment cublasLtMatmulAlgoConfigGetAttribute;
  private final MemorySegment cublasLtMatmul;

  /**
   * Finds all functions.
   *
   * @throws CudaUnavailableException if the library lacks one
   */
  FfmCublasLt(NativeLibrary library) {
    cublasLtGetVersion = library.function("cublasLtGetVersion");
    cublasLtCreate = library.function("cublasLtCreate");
    cublasLtDestroy = library.function("cublasLtDestroy");
    cublasLtMatmulDescCreate = library.function("cublasLtMatmulDescCreate");
    cublasLtMatmulDescDestroy = library.function("cublasLtMatmulDescDestroy");
    cublasLtMatmulDescSetAttribute = library.function("cublasLtMatmulDescSetAttribute");
    cublasLtMatrixLayoutCreate = library.function("cublasLtMatrixLayoutCreate");
    cublasLtMatrixLayoutDestroy = library.function("cublasLtMatrixLayoutDestroy");
    cublasLtMatmulPreferenceCreate = library.function("cublasLtMatmulPreferenceCreate");
    cublasLtMatmulPreferenceDestroy = library.function("cublasLtMatmulPreferenceDestroy");
    cublasLtMatmulPreferenceSetAttribute = library.function("cublasLtMatmulPreferenceSetAttribute");
    cublasLtMatmulAlgoGetHeuristic = library.function("cublasLtMatmulAlgoGetHeuristic");
    cublasLtMatmulAlgoCheck = library.function("cublasLtMatmulAlgoCheck");
    cublasLtMatmulAlgoConfigGetAttribute = library.function("cublasLtMatmulAlgoConfigGetAttribute");
    cublasLtMatmul = library.function("cublasLtMatmul");
  }

  @Override
  public long cublasLtGetVersion() {
    return Downcalls.callLong(cublasLtGetVersion);
  }

  @Override
  public int cublasLtCreate(long outHandle) {
    return Downcalls.call(cublasLtCreate, outHandle);
  }

  @Override
  public int cublasLtDestroy(long handle) {
    return Downcalls.call(cublasLtDestroy, handle);
  }

  @Override
  public int cublasLtMatmulDescCreate(long outDesc, int computeType, int scaleType) {
    return Downcalls.call(cublasLtMatmulDescCreate, outDesc, computeType, scaleType);
  }

  @Override
  public int cublasLtMatmulDescDestroy(long desc) {
    return Downcalls.call(cublasLtMatmulDescDestroy, desc);
  }

  @Override
  public int cublasLtMatmulDescSetAttribute(long desc, int attribute, long value, long bytes) {
    return Downcalls.call(cublasLtMatmulDescSetAttribute, desc, attribute, value, bytes);
  }

  @Override
  public int cublasLtMatrixLayoutCreate(
      long outLayout, int type, long rows, long columns, long leadingDimension) {
    return Downcalls.call(
        cublasLtMatrixLayoutCreate, outLayout, type, rows, columns, leadingDimension);
  }

  @Override
  public int cublasLtMatrixLayoutDestroy(long layout) {
    return Downcalls.call(cublasLtMatrixLayoutDestroy, layout);
  }

  @Override
  public int cublasLtMatmulPreferenceCreate(long outPreference) {
    return Downcalls.call(cublasLtMatmulPreferenceCreate, outPreference);
  }

  @Override
  public int cublasLtMatmulPreferenceDestroy(long preference) {
    return Downcalls.call(cublasLtMatmulPreferenceDestroy, preference);
  }

  @Override
  public int cublasLtMatmulPreferenceSetAttribute(
      long preference, int attribute, long value, long bytes) {
    return Downcalls.call(
        cublasLtMatmulPreferenceSetAttribute, preference, attribute, value, bytes);
  }

  @Override
  public int cublasLtMatmulAlgoGetHeuristic(
      long handle,
      long desc,
      long layoutA,
      long layoutB,
      long layoutC,
      long layoutD,
      long preference,
      int wanted,
      long outResults,
      long outFound) {
    return Downcalls.call(
        cublasLtMatmulAlgoGetHeuristic,
        handle,
        desc,
        layoutA,
        layoutB,
        layoutC,
        layoutD,
        preference,
        wanted,
        outResults,
        outFound);
  }

  @Override
  public int cublasLtMatmulAlgoCheck(
      long handle,
      long desc,
      long layoutA,
      long layoutB,
      long layoutC,
      long layoutD,
      long algorithm,
      long outResult) {
    return Downcalls.call(
        cublasLtMatmulAlgoCheck,
        handle,
        desc,
        layoutA,
        layoutB,
        layoutC,
        layoutD,
        algorithm,
        outResult);
  }

  @Override
  public int cublasLtMatmulAlgoConfigGetAttribute(
      long algorithm, int attribute, long outValue, long bytes, long outWritten) {
    return Downcalls.call(
        cublasLtMatmulAlgoConfigGetAttribute, algorithm, attribute, outValue, bytes, outWritten);
  }

  @Override
  public int cublasLtMatmul(
      long handle,
      long desc,
      long alpha,
      long a,
      long layoutA,
      long b,
      long layoutB,
      long beta,
      long c,
      long layoutC,
      long d,
      long layoutD,
      long algorithm,
      long workspace,
      long workspaceBytes,
      long stream) {
    return Downcalls.call(
        cublasLtMatmul,
        handle,
        desc,
        alpha,
        a,
        layoutA,
        b,
        layoutB,
        beta,
        c,
        layoutC,
        d,
        layoutD,
        algorithm,
        workspace,
        workspaceBytes,
        stream);
  }
}
