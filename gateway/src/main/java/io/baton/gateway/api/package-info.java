/**
 * OpenAI's and Anthropic's APIs as data: requests read and validated, answers and errors written.
 *
 * <p>Starting points: {@link io.baton.gateway.api.RequestParser}, {@link
 * io.baton.gateway.api.GenerationRequest}, {@link io.baton.gateway.api.Answer}, {@link
 * io.baton.gateway.api.ApiException}.
 *
 * <p>Must stay true: nothing is written before the first text or the error is known; every error
 * has its surface's envelope; every answer carries the request id and the trace id.
 */
@NullMarked
package io.baton.gateway.api;

import org.jspecify.annotations.NullMarked;
