/**
 * Checkpoints in Hugging Face layout: what a model is, and where its tensors lie on disk.
 *
 * <p>Starting points: {@link io.baton.engine.model.Checkpoint}, {@link
 * io.baton.engine.model.ModelConfig}.
 *
 * <p>Must stay true: tensors are mapped, never copied; what is not supported is refused with the
 * file and the value in the message, never ignored.
 */
@NullMarked
package io.baton.engine.model;

import org.jspecify.annotations.NullMarked;
