/**
 * The life of one request: prompt, route, relay the legs, stream, conclude.
 *
 * <p>Starting points: {@link io.baton.gateway.relay.RequestRelay}, to be read top to bottom; {@link
 * io.baton.gateway.relay.Attempt}, one try with its one or two legs; {@link
 * io.baton.gateway.relay.Leg}.
 *
 * <p>Must stay true: everything of one request happens on one Vert.x context; every leg ends, and
 * gives back what the router reserved for it, on every path; the trace is closed in one place.
 */
@NullMarked
package io.baton.gateway.relay;

import org.jspecify.annotations.NullMarked;
