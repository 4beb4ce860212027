package io.baton.engine.backend.cpu;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** Picks kernels by what this JVM has. */
final class KernelChoice {
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private KernelChoice() {}

  /**
   * Vector kernels if wanted and the JVM was started with their module, else plain ones; plain ones
   * too without the optimizing compiler, under which vectors are objects.
   */
  static Kernels best(boolean vectors) {
    boolean present = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
    return vectors && present && optimizes() ? new VectorKernels() : new PlainKernels();
  }

  private static boolean optimizes() {
    var vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (vm == null) {
      return true;
    }
    try {
      return Integer.parseInt(vm.getVMOption("TieredStopAtLevel").getValue()) >= 4;
    } catch (IllegalArgumentException e) {
      // Another VM, without such a flag.
      return true;
    }
  }
}
