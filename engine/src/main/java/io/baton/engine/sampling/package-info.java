/**
 * From logits to the next token.
 *
 * <p>Starting points: {@link io.baton.engine.sampling.TokenChooser}, {@link
 * io.baton.engine.sampling.TokenMask}.
 *
 * <p>Must stay true: the choice is a function of logits, parameters, seed and position alone, so it
 * is the same in any batch, on either side of a handoff, after a retract and with speculation.
 */
@NullMarked
package io.baton.engine.sampling;

import org.jspecify.annotations.NullMarked;
