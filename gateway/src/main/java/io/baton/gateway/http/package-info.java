/**
 * The HTTP server and its routes.
 *
 * <p>Starting point: {@link io.baton.gateway.http.HttpFront}.
 *
 * <p>Must stay true: an event loop never waits here; a body is never read beyond its limit.
 */
@NullMarked
package io.baton.gateway.http;

import org.jspecify.annotations.NullMarked;
