/**
 * What is known of a foreign server beside its answers: what it is, how it is, how it is told to
 * stop. The same for both forms of a request.
 *
 * <p>Starting points: {@link io.baton.bridge.server.Dialect} (what distinguishes the servers),
 * {@link io.baton.bridge.server.ServerWatch} (how it is now).
 *
 * <p>Must stay true: nothing is assumed of a server that it can be asked; whoever asks has a time
 * limit; what a server says that we do not know is ignored.
 */
@NullMarked
package io.baton.bridge.server;

import org.jspecify.annotations.NullMarked;
