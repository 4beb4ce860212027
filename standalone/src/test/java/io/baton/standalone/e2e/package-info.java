/**
 * The product's promises, over a real broker and separate processes.
 *
 * <p>Starting points: {@link io.baton.standalone.e2e.TestFleet} starts one; {@link
 * io.baton.standalone.e2e.Client} talks to it as any HTTP client would.
 */
@NullMarked
package io.baton.standalone.e2e;

import org.jspecify.annotations.NullMarked;
