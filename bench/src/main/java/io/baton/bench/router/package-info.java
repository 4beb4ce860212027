/**
 * How fast the router is: {@code ./baton bench router}. Through its public surface only, so every
 * figure is a whole decision or a whole event.
 */
@NullMarked
package io.baton.bench.router;

import org.jspecify.annotations.NullMarked;
