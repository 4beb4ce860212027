/**
 * How fast the engine computes, beside what the machine could do at best.
 *
 * <p>Starting points: {@link io.baton.engine.cuda.bench.EngineBench}, the program; {@link
 * io.baton.engine.cuda.bench.StepBench}, what is measured.
 *
 * <p>Must stay true: floors are computed from ceilings that the same process measured; medians,
 * never the best of many, unless it says so.
 */
@NullMarked
package io.baton.engine.cuda.bench;

import org.jspecify.annotations.NullMarked;
