/**
 * What a scheduler needs of the thing that computes: one call per step for the whole batch, and KV
 * blocks that can be moved.
 *
 * <p>Starting points: {@link io.baton.engine.backend.Backend}, {@link
 * io.baton.engine.backend.StepBatch}.
 *
 * <p>Must stay true: a row's logits depend on its own sequence only, bit for bit, whatever else is
 * in the step and however the sequence was cut into steps.
 */
@NullMarked
package io.baton.engine.backend;

import org.jspecify.annotations.NullMarked;
