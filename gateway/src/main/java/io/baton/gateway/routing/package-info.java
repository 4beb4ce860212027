/**
 * What a request may ask of routing, and what is told of a decision: headers in, receipts out.
 *
 * <p>Starting points: {@link io.baton.gateway.routing.RouteWishes} and {@link
 * io.baton.gateway.routing.ReceiptJson}.
 *
 * <p>Must stay true: no receipt holds text or tokens of a prompt; nobody who handles a request
 * waits for the file of receipts.
 */
@NullMarked
package io.baton.gateway.routing;

import org.jspecify.annotations.NullMarked;
