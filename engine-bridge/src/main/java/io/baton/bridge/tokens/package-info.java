/**
 * Servers in the {@code tokens} form: token ids go in and come out over HTTP.
 *
 * <p>Starting points: {@link io.baton.bridge.tokens.TokenHttpEngine}, {@link
 * io.baton.bridge.tokens.TokenAnswer} (one answer, whatever the server).
 *
 * <p>Must stay true: each token is told once, whether a server repeats earlier ones or not; the
 * token that stopped an answer is not among them.
 */
@NullMarked
package io.baton.bridge.tokens;

import org.jspecify.annotations.NullMarked;
