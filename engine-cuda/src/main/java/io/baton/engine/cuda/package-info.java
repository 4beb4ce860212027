/**
 * Backend {@code cuda} of the built-in engine.
 *
 * <p>Starting points: package {@code driver} (CUDA as objects), {@code compile} (kernels for the
 * card that is there), {@code gemm} (matrix products), {@code check} (what is checked on a GPU).
 *
 * <p>Must stay true: no class of it is loaded by a process that did not choose {@code cuda}; a
 * row's results depend on its own sequence only, bit for bit.
 */
@NullMarked
package io.baton.engine.cuda;

import org.jspecify.annotations.NullMarked;
