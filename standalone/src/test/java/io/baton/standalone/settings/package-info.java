/** Promises of {@code baton config} and of the files that operators write. */
@NullMarked
package io.baton.standalone.settings;

import org.jspecify.annotations.NullMarked;
