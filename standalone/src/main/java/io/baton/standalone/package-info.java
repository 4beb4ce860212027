/**
 * The {@code baton} command.
 *
 * <p>Starting points: {@link io.baton.standalone.Main}, with a class per subcommand beside it;
 * {@code io.baton.standalone.up} for the whole fleet on one machine.
 */
@NullMarked
package io.baton.standalone;

import org.jspecify.annotations.NullMarked;
