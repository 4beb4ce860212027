package io.baton.engine.cuda.driver;

/** Those of {@code CUdevice_attribute} that are used, under their names there. */
public enum DeviceAttribute {
  MAX_THREADS_PER_BLOCK(1),
  MAX_SHARED_MEMORY_PER_BLOCK(8),
  MULTIPROCESSOR_COUNT(16),
  L2_CACHE_SIZE(38),
  MAX_THREADS_PER_MULTIPROCESSOR(39),
  ASYNC_ENGINE_COUNT(40),
  COMPUTE_CAPABILITY_MAJOR(75),
  COMPUTE_CAPABILITY_MINOR(76),
  MAX_SHARED_MEMORY_PER_MULTIPROCESSOR(81),
  MAX_REGISTERS_PER_MULTIPROCESSOR(82),
  MAX_SHARED_MEMORY_PER_BLOCK_OPTIN(97);

  private final int number;

  DeviceAttribute(int number) {
    this.number = number;
  }

  /** Its number in cuda.h. */
  int number() {
    return number;
  }
}
