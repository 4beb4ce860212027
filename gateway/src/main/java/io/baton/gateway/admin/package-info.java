/**
 * The operators' HTTP server, apart from the public one: on loopback by default, with a key of its
 * own.
 *
 * <p>Starting point: {@link io.baton.gateway.admin.AdminServer}.
 *
 * <p>Must stay true: nothing here is reachable through the public port; handlers may block, since
 * each runs on a virtual thread.
 */
@NullMarked
package io.baton.gateway.admin;

import org.jspecify.annotations.NullMarked;
