package io.baton.engine.cuda.driver;

import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulAlgo_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulPreferenceOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatrixLayoutOpaque_t;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** cuBLASLt through the presets of bytedeco. */
final class BytedecoCublasLt implements CublasLtApi {
  @Override
  public long cublasLtGetVersion() {
    return cublas.cublasLtGetVersion();
  }

  @Override
  public int cublasLtCreate(long outHandle) {
    cublasLtContext made = new cublasLtContext();
    int code = cublas.cublasLtCreate(made);
    Natives.write(outHandle, made);
    return code;
  }

  @Override
  public int cublasLtDestroy(long handle) {
    return cublas.cublasLtDestroy(new cublasLtContext(Natives.at(handle)));
  }

  @Override
  public int cublasLtMatmulDescCreate(long outDesc, int computeType, int scaleType) {
    return cublas.cublasLtMatmulDescCreate(
        new PointerPointer<>(Natives.at(outDesc)), computeType, scaleType);
  }

  @Override
  public int cublasLtMatmulDescDestroy(long desc) {
    return cublas.cublasLtMatmulDescDestroy(new cublasLtMatmulDescOpaque_t(Natives.at(desc)));
  }

  @Override
  public int cublasLtMatmulDescSetAttribute(long desc, int attribute, long value, long bytes) {
    return cublas.cublasLtMatmulDescSetAttribute(
        new cublasLtMatmulDescOpaque_t(Natives.at(desc)), attribute, Natives.at(value), bytes);
  }

  @Override
  public int cublasLtMatrixLayoutCreate(
      long outLayout, int type, long rows, long columns, long leadingDimension) {
    return cublas.cublasLtMatrixLayoutCreate(
        new PointerPointer<>(Natives.at(outLayout)), type, rows, columns, leadingDimension);
  }

  @Override
  public int cublasLtMatrixLayoutDestroy(long layout) {
    return cublas.cublasLtMatrixLayoutDestroy(new cublasLtMatrixLayoutOpaque_t(Natives.at(layout)));
  }

  @Override
  public int cublasLtMatmulPreferenceCreate(long outPreference) {
    return cublas.cublasLtMatmulPreferenceCreate(new PointerPointer<>(Natives.at(outPreference)));
  }

  @Override
  public int cublasLtMatmulPreferenceDestroy(long preference) {
    return cublas.cublasLtMatmulPreferenceDestroy(
        new cublasLtMatmulPreferenceOpaque_t(Natives.at(preference)));
  }

  @Override
  public int cublasLtMatmulPreferenceSetAttribute(
      long preference, int attribute, long value, long bytes) {
    return cublas.cublasLtMatmulPreferenceSetAttribute(
        new cublasLtMatmulPreferenceOpaque_t(Natives.at(preference)),
        attribute,
        Natives.at(value),
        bytes);
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
    return cublas.cublasLtMatmulAlgoGetHeuristic(
        new cublasLtContext(Natives.at(handle)),
        new cublasLtMatmulDescOpaque_t(Natives.at(desc)),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutA)),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutB)),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutC)),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutD)),
        new cublasLtMatmulPreferenceOpaque_t(Natives.at(preference)),
        wanted,
        new cublasLtMatmulHeuristicResult_t(Natives.at(outResults)),
        new IntPointer(Natives.at(outFound)));
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
    return cublas.cublasLtMatmulAlgoCheck(
        new cublasLtContext(Natives.at(handle)),
        new cublasLtMatmulDescOpaque_t(Natives.at(desc)),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutA)),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutB)),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutC)),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutD)),
        new cublasLtMatmulAlgo_t(Natives.at(algorithm)),
        new cublasLtMatmulHeuristicResult_t(Natives.at(outResult)));
  }

  @Override
  public int cublasLtMatmulAlgoConfigGetAttribute(
      long algorithm, int attribute, long outValue, long bytes, long outWritten) {
    return cublas.cublasLtMatmulAlgoConfigGetAttribute(
        new cublasLtMatmulAlgo_t(Natives.at(algorithm)),
        attribute,
        Natives.at(outValue),
        bytes,
        new SizeTPointer(Natives.at(outWritten)));
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
    return cublas.cublasLtMatmul(
        new cublasLtContext(Natives.at(handle)),
        new cublasLtMatmulDescOpaque_t(Natives.at(desc)),
        Natives.at(alpha),
        Natives.at(a),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutA)),
        Natives.at(b),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutB)),
        Natives.at(beta),
        Natives.at(c),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutC)),
        Natives.at(d),
        new cublasLtMatrixLayoutOpaque_t(Natives.at(layoutD)),
        new cublasLtMatmulAlgo_t(Natives.at(algorithm)),
        Natives.at(workspace),
        workspaceBytes,
        new CUstream_st(Natives.at(stream)));
  }
}
