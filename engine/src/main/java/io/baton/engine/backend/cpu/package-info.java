/**
 * Transformers in pure Java on the CPU.
 *
 * <p>Starting points: {@link io.baton.engine.backend.cpu.CpuBackend}, the forward pass; {@link
 * io.baton.engine.backend.cpu.Kernels}, the arithmetic under it.
 *
 * <p>Must stay true: sums are taken in an order that depends on the sizes of the model and the
 * place in the sequence only, never on the other rows of a step; a step allocates nothing once its
 * buffers have grown; weights stay where they are mapped.
 */
@NullMarked
package io.baton.engine.backend.cpu;

import org.jspecify.annotations.NullMarked;
