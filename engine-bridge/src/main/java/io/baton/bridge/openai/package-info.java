/**
 * Any OpenAI-compatible server as an engine: requests and chunks pass through as they are.
 *
 * <p>Starting points: {@link io.baton.bridge.openai.OpenAiHttpEngine}, {@link
 * io.baton.bridge.openai.Exchange} (one request), {@link io.baton.bridge.openai.SseReader}.
 *
 * <p>Must stay true: nothing is retried after the request has left; a client that does not read
 * stops us from reading the server; a cancel closes the server's socket.
 */
@NullMarked
package io.baton.bridge.openai;

import org.jspecify.annotations.NullMarked;
