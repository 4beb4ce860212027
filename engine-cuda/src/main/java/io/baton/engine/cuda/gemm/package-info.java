/**
 * Matrix products by cuBLASLt, so that a row's result does not depend on how many rows there are.
 *
 * <p>Starting points: {@link io.baton.engine.cuda.gemm.GemmContext} (one per device), {@link
 * io.baton.engine.cuda.gemm.Gemm} (one per weight's shape).
 *
 * <p>Must stay true: an algorithm is only used for a number of rows if its bits for a row were seen
 * to equal those of every other number of rows.
 */
@NullMarked
package io.baton.engine.cuda.gemm;

import org.jspecify.annotations.NullMarked;
