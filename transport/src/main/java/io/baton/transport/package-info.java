/**
 * Requests, numbered reply streams, windows, resume, leases, discovery and KV events over NATS.
 *
 * <p>Starting points: {@link io.baton.transport.BrokerLink} (the connections), {@link
 * io.baton.transport.GatewayTransport} and {@link io.baton.transport.WorkerTransport} (the two
 * ends), {@link io.baton.transport.GatewayStream} and {@link io.baton.transport.WorkerStream} (the
 * two ends of one request).
 *
 * <p>How a worker becomes known: its first heartbeat is from somebody unknown, so the gateway asks
 * the pool for cards.
 *
 * <p>Must stay true: no caller ever waits for the broker; a chunk is delivered once, in order, or
 * the stream ends with a named loss; silence counts only while the broker is there; a broker that
 * restarts cuts no stream.
 */
@NullMarked
package io.baton.transport;

import org.jspecify.annotations.NullMarked;
