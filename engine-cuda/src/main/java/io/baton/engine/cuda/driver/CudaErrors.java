package io.baton.engine.cuda.driver;

import java.util.Map;
import java.util.Set;

/** What the driver's result codes mean for the one who reads the message. */
final class CudaErrors {
  static final String OUT_OF_MEMORY = "CUDA_ERROR_OUT_OF_MEMORY";

  /** Codes after which every further call of the process fails. */
  private static final Set<String> STICKY =
      Set.of(
          "CUDA_ERROR_ILLEGAL_ADDRESS",
          "CUDA_ERROR_LAUNCH_FAILED",
          "CUDA_ERROR_LAUNCH_TIMEOUT",
          "CUDA_ERROR_ASSERT",
          "CUDA_ERROR_HARDWARE_STACK_ERROR",
          "CUDA_ERROR_ILLEGAL_INSTRUCTION",
          "CUDA_ERROR_MISALIGNED_ADDRESS",
          "CUDA_ERROR_INVALID_ADDRESS_SPACE",
          "CUDA_ERROR_INVALID_PC",
          "CUDA_ERROR_ECC_UNCORRECTABLE",
          "CUDA_ERROR_NVLINK_UNCORRECTABLE",
          "CUDA_ERROR_MPS_CLIENT_TERMINATED",
          "CUDA_ERROR_EXTERNAL_DEVICE",
          "CUDA_ERROR_TENSOR_MEMORY_LEAK",
          "CUDA_ERROR_CONTAINED");

  private static final Map<String, String> WHAT_TO_DO =
      Map.ofEntries(
          Map.entry(
              OUT_OF_MEMORY,
              "take less (fewer KV blocks, shorter contexts) or end what else holds memory of the"
                  + " card (nvidia-smi)"),
          Map.entry(
              "CUDA_ERROR_NO_DEVICE",
              "no device is visible: look at nvidia-smi and at CUDA_VISIBLE_DEVICES; a container"
                  + " needs the GPU passed in"),
          Map.entry(
              "CUDA_ERROR_INVALID_DEVICE", "choose a device that nvidia-smi lists, counted from 0"),
          Map.entry(
              "CUDA_ERROR_STUB_LIBRARY",
              "the libcuda.so.1 that was found is the toolkit's stub: take it off LD_LIBRARY_PATH and"
                  + " install the driver"),
          Map.entry(
              "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
              "kernel module and libcuda.so.1 are of different drivers: restart the machine after an"
                  + " update of the driver, and keep the compat folder off LD_LIBRARY_PATH"),
          Map.entry(
              "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
              "libcuda.so.1 of the compat folder does not serve this card: take that folder off"
                  + " LD_LIBRARY_PATH"),
          Map.entry(
              "CUDA_ERROR_UNKNOWN",
              "often the device files of the driver are missing or not readable: look at nvidia-smi"),
          Map.entry(
              "CUDA_ERROR_NO_BINARY_FOR_GPU",
              "the kernels were compiled for another card: empty the cache folder of kernels"),
          Map.entry(
              "CUDA_ERROR_DEVICES_UNAVAILABLE",
              "another process has the card for itself (nvidia-smi -q -d COMPUTE)"));

  private CudaErrors() {}

  static boolean endsProcess(String name) {
    return STICKY.contains(name);
  }

  /** What can be done, as an end of a message; empty if nothing is known. */
  static String advice(String name) {
    if (endsProcess(name)) {
      return ". This process cannot use the device any more and ends; a new one can";
    }
    String advice = WHAT_TO_DO.get(name);
    return advice == null ? "" : ". To do: " + advice;
  }
}
