/**
 * The gateway: HTTP in, route, relay over NATS, tokens to SSE.
 *
 * <p>Starting points: {@link io.baton.gateway.Gateway} puts the parts together; {@link
 * io.baton.gateway.relay.RequestRelay} is the life of one request, to be read top to bottom.
 */
@NullMarked
package io.baton.gateway;

import org.jspecify.annotations.NullMarked;
