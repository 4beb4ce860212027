/**
 * Decides, step by step, which tokens are computed: admission, chunked prefill, decode, retraction,
 * handoff.
 *
 * <p>Starting points: {@link io.baton.engine.scheduler.Scheduler#step}, {@link
 * io.baton.engine.scheduler.Sequence}.
 *
 * <p>Must stay true: no thread, no clock and no socket of its own; every sequence ends exactly once
 * and then holds no block; between two steps every block is accounted for.
 */
@NullMarked
package io.baton.engine.scheduler;

import org.jspecify.annotations.NullMarked;
