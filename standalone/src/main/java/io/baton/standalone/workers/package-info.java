/**
 * {@code baton workers}: an operator's hand on the workers of a fleet, through any gateway's admin
 * server.
 *
 * <p>Starting point: {@link io.baton.standalone.workers.WorkersCommand}.
 */
@NullMarked
package io.baton.standalone.workers;

import org.jspecify.annotations.NullMarked;
