/**
 * A stand-in for a GPU: every function of the thin interfaces, noted, over memory of the host.
 *
 * <p>Starting point: {@link io.baton.engine.cuda.fake.FakeCuda}.
 */
@NullMarked
package io.baton.engine.cuda.fake;

import org.jspecify.annotations.NullMarked;
