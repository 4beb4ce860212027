/**
 * How KV moves from a prefill engine to a decode engine: directly, over TCP, checked.
 *
 * <p>Starting points: {@link io.baton.engine.handoff.HandoffPort}, what a scheduler asks for;
 * {@link io.baton.engine.handoff.DataPlane}, which does it over sockets.
 *
 * <p>Must stay true: decode has reserved its blocks before prefill sends; blocks that decode holds
 * are not sent; every wait has a time-out; a transfer ends with exactly one callback, and only
 * after that may its blocks be let go.
 */
@NullMarked
package io.baton.engine.handoff;

import org.jspecify.annotations.NullMarked;
