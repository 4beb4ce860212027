/**
 * Steps of the built-in engine on a GPU.
 *
 * <p>Starting points: {@link io.baton.engine.cuda.backend.CudaBackend} runs a step, {@link
 * io.baton.engine.cuda.backend.LayerKernels} launches what a layer consists of, {@link
 * io.baton.engine.cuda.backend.StepTables} brings a step's tables to the device, {@link
 * io.baton.engine.cuda.backend.DecodeGraphs} launches steps of answers as one, {@link
 * io.baton.engine.cuda.backend.KvPool} holds the KV blocks and moves them.
 *
 * <p>Must stay true: bits of a row depend on its own tokens only, never on what else is in the
 * step.
 */
@NullMarked
package io.baton.engine.cuda.backend;

import org.jspecify.annotations.NullMarked;
