/**
 * {@code baton config}: checks a configuration file, shows what is in force and where it comes
 * from, and writes the JSON Schema and the reference page from the settings' records. Start at
 * {@link io.baton.standalone.settings.ConfigCommand}.
 */
@NullMarked
package io.baton.standalone.settings;

import org.jspecify.annotations.NullMarked;
