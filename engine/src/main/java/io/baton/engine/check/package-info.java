/**
 * Compares a checkpoint's answers with a reference run kept beside it.
 *
 * <p>Starting point: {@link io.baton.engine.check.EngineCheck}.
 *
 * <p>Must stay true: it uses the engine's own code path, nothing of its own computes logits.
 */
@NullMarked
package io.baton.engine.check;

import org.jspecify.annotations.NullMarked;
