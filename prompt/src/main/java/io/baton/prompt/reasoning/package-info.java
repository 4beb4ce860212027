/**
 * Reasoning that models write before their answers.
 *
 * <p>Starting point: {@link io.baton.prompt.reasoning.ReasoningFamily}. Harmony's channels are read
 * by the tool parser of that family, as calls and reasoning share them.
 *
 * <p>Must stay true: what is told does not depend on how the text is cut; a marker is never shown.
 */
@NullMarked
package io.baton.prompt.reasoning;

import org.jspecify.annotations.NullMarked;
