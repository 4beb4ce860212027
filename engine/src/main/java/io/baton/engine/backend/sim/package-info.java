/**
 * A backend without arithmetic: time from a model, tokens from a hash of the prefix.
 *
 * <p>Starting point: {@link io.baton.engine.backend.sim.SimBackend}.
 *
 * <p>Must stay true: the next token is read from the KV blocks alone, so a wrong block table, a
 * lost or mixed-up block or a broken handoff changes the answer, as it would in a real model.
 */
@NullMarked
package io.baton.engine.backend.sim;

import org.jspecify.annotations.NullMarked;
