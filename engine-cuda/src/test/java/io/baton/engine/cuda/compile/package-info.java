/** See the package of the same name in the main code. */
@NullMarked
package io.baton.engine.cuda.compile;

import org.jspecify.annotations.NullMarked;
