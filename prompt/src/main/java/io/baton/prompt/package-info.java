/**
 * From what a client said to tokens, and from tokens back to text.
 *
 * <p>Starting points: {@link io.baton.prompt.PromptFormat} (all that a model's folder says of
 * this), {@link io.baton.prompt.Detokenizer} and {@link io.baton.prompt.StopStrings} (one answer),
 * {@code io.baton.prompt.template} (chat templates).
 *
 * <p>Must stay true: special tokens come from the template or from a raw prompt, never from what a
 * user wrote in a message; text goes out in whole characters.
 */
@NullMarked
package io.baton.prompt;

import org.jspecify.annotations.NullMarked;
