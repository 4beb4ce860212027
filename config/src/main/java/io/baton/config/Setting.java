package io.baton.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * All there is to say about one setting, on the record component that holds it. The key is the
 * component's name in snake_case. File, environment, {@code --set}, reference page and JSON Schema
 * are derived from here.
 *
 * <p>A component whose type is a record is a group of settings and needs no annotation. A record
 * that has a static method {@code defaults()} takes its defaults from there, for settings whose
 * defaults belong to a library; otherwise they stand here.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /** No default: the key must be given. */
  String REQUIRED = "\u0000";

  /** What it means, in a sentence or two, for the reference page. */
  String value();

  /**
   * Its default, as it would stand in a file. Without one the setting is required, unless it is an
   * {@code Optional}, a list or a map, which are empty then.
   */
  String def() default REQUIRED;

  /** Unit of a plain number, such as {@code tokens}. */
  String unit() default "";

  /**
   * Smallest number, duration in milliseconds, or size in bytes; of lists and maps: of each
   * element.
   */
  long min() default Long.MIN_VALUE;

  /** Largest number, duration in milliseconds, or size in bytes. */
  long max() default Long.MAX_VALUE;
}
