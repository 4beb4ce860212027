/**
 * Who used what: one line per request for the operator, and totals per key.
 *
 * <p>Starting points: {@link io.baton.gateway.usage.AccessLog} writes the lines; {@link
 * io.baton.gateway.usage.KeyUsage} counts.
 *
 * <p>Must stay true: nobody who serves a request waits for a disk or a terminal; what cannot be
 * written in time is dropped and counted.
 */
@NullMarked
package io.baton.gateway.usage;

import org.jspecify.annotations.NullMarked;
