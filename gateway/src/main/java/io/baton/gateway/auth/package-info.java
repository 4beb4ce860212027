/**
 * Who may ask. Keys stand in a file as salted hashes, several for each name; the file is read again
 * when it changes. Start at {@link io.baton.gateway.auth.Access}.
 */
@NullMarked
package io.baton.gateway.auth;

import org.jspecify.annotations.NullMarked;
