/**
 * An unmodified vLLM behind Baton.
 *
 * <p>Starting points: {@link io.baton.bridge.vllm.VllmDialect} (what it says of itself,
 * disaggregation), {@link io.baton.bridge.vllm.VllmTokens} (completions with token ids).
 *
 * <p>Must stay true: what a prefill leg answers as {@code kv_transfer_params} goes to the decode
 * leg byte for byte.
 */
@NullMarked
package io.baton.bridge.vllm;

import org.jspecify.annotations.NullMarked;
