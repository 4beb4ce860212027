package io.baton.engine.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * A library that is loaded, for the life of the process.
 *
 * @param where path, or the bare name if the system found it
 */
record NativeLibrary(String where, SymbolLookup symbols) {

  /**
   * The address of a function.
   *
   * @throws CudaUnavailableException if the library has none of that name
   */
  MemorySegment function(String name) {
    return symbols
        .find(name)
        .orElseThrow(() ->
            new CudaUnavailableException(
                where
                    + ": has no function "
                    + name
                    + " (expected: CUDA 12 or 13). To do: install a newer one"));
  }
}
