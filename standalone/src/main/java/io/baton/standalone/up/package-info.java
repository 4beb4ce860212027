/**
 * The whole fleet on one machine: a broker, a gateway and workers, each a process of its own.
 *
 * <p>Starting points: {@link io.baton.standalone.up.UpCommand} (what the user asked for), {@link
 * io.baton.standalone.up.LocalFleet} (what runs).
 *
 * <p>Must stay true: everything listens on loopback; whatever was started is stopped, in the order
 * that lets requests end.
 */
@NullMarked
package io.baton.standalone.up;

import org.jspecify.annotations.NullMarked;
