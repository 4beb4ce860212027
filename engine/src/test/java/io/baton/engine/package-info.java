/** Tests of the built-in engine. */
@NullMarked
package io.baton.engine;

import org.jspecify.annotations.NullMarked;
