/** Temp. */
@NullMarked
package io.baton.prompt.template;

import org.jspecify.annotations.NullMarked;
