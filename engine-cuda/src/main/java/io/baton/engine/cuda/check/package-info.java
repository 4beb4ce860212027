/**
 * What can only be checked on a GPU: a program of its own, since the suite runs without one.
 *
 * <p>Starting points: {@link io.baton.engine.cuda.check.GpuChecks} (the program), {@link
 * io.baton.engine.cuda.check.CheckSuite} (where to add checks), {@link
 * io.baton.engine.cuda.check.CheckContext} (what a check has at hand).
 *
 * <p>Must stay true: a check that fails, hangs or takes the process with it does not keep the
 * others from running; a full run takes less than four minutes.
 */
@NullMarked
package io.baton.engine.cuda.check;

import org.jspecify.annotations.NullMarked;
