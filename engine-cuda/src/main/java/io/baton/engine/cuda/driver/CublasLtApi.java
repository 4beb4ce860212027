package io.baton.engine.cuda.driver;

/** Part of cublasLt.h, with its names and order of arguments. */
public interface CublasLtApi {

  /** Returns the version, e.g. 130100, and not a result code. */
  long cublasLtGetVersion();

  int cublasLtCreate(long outHandle);

  int cublasLtDestroy(long handle);

  int cublasLtMatmulDescCreate(long outDesc, int computeType, int scaleType);

  int cublasLtMatmulDescDestroy(long desc);

  int cublasLtMatmulDescSetAttribute(long desc, int attribute, long value, long bytes);

  int cublasLtMatrixLayoutCreate(
      long outLayout, int type, long rows, long columns, long leadingDimension);

  int cublasLtMatrixLayoutDestroy(long layout);

  int cublasLtMatmulPreferenceCreate(long outPreference);

  int cublasLtMatmulPreferenceDestroy(long preference);

  int cublasLtMatmulPreferenceSetAttribute(long preference, int attribute, long value, long bytes);

  int cublasLtMatmulAlgoGetHeuristic(
      long handle,
      long desc,
      long layoutA,
      long layoutB,
      long layoutC,
      long layoutD,
      long preference,
      int wanted,
      long outResults,
      long outFound);

  int cublasLtMatmulAlgoCheck(
      long handle,
      long desc,
      long layoutA,
      long layoutB,
      long layoutC,
      long layoutD,
      long algorithm,
      long outResult);

  int cublasLtMatmulAlgoConfigGetAttribute(
      long algorithm, int attribute, long outValue, long bytes, long outWritten);

  int cublasLtMatmul(
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
      long stream);
}
