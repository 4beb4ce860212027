/**
 * Settings: YAML, environment and command line in, typed records out, with every mistake named at
 * its place.
 *
 * <p>Starting points: {@link io.baton.config.ConfigReader} reads; {@link io.baton.config.Setting}
 * describes a record's component, and is the only place where a key's default and meaning stand.
 *
 * <p>Must stay true: a key that no record knows is an error, never silence; all mistakes are told
 * at once.
 */
@NullMarked
package io.baton.config;

import org.jspecify.annotations.NullMarked;
