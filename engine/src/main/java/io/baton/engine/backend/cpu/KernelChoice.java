package io.baton.engine.backend.cpu;

/** Picks kernels by what this JVM has. */
final class KernelChoice {
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private KernelChoice() {}

  /** Vector kernels if wanted and the JVM was started with their module, else plain ones. */
  static Kernels best(boolean vectors) {
    boolean present = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
    return vectors && present ? new VectorKernels() : new PlainKernels();
  }
}
