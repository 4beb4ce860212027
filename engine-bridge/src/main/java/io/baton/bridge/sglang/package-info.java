/**
 * An unmodified SGLang behind Baton.
 *
 * <p>Starting points: {@link io.baton.bridge.sglang.SglangDialect} (what it says of itself, abort,
 * disaggregation), {@link io.baton.bridge.sglang.SglangTokens} ({@code /generate} with token ids).
 *
 * <p>Must stay true: ids are of fixed width, since SGLang aborts by prefix; {@code
 * external_trace_header} is absent, never null, without a trace.
 */
@NullMarked
package io.baton.bridge.sglang;

import org.jspecify.annotations.NullMarked;
