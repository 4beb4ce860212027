/**
 * The wire: NATS subjects and header names, beside the generated messages in {@code
 * io.baton.proto.v1}.
 *
 * <p>Starting points: {@link io.baton.proto.Subjects}, {@link io.baton.proto.Headers}.
 *
 * <p>Must stay true: a subject or header name is spelled here and nowhere else; messages change
 * only in ways that an older peer can read.
 */
@NullMarked
package io.baton.proto;

import org.jspecify.annotations.NullMarked;
