/**
 * Reads settings from YAML, environment and command line into typed records, explains what is wrong
 * with them, and documents them. What the settings are for is their owners' business.
 *
 * <p>Starting points: {@link io.baton.config.ConfigReader} reads; {@link io.baton.config.Setting}
 * says all there is to say about a setting; {@link io.baton.config.ReferencePage} and {@link
 * io.baton.config.JsonSchema} are made from it.
 *
 * <p>Must stay true: a setting is described in one place, its record component; all problems are
 * reported at once, each with its place, what was found and what was expected; nothing in a file is
 * silently ignored; the schema accepts what the reader accepts.
 */
@NullMarked
package io.baton.config;

import org.jspecify.annotations.NullMarked;
