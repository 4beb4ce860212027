package io.baton.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes one setting: the component of a record whose name, in snake_case, is its key. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /** No default: the key must be given. */
  String REQUIRED = "\u0000";

  /** What it means, in a sentence. */
  String value();

  /** Its default, as it would stand in YAML. Records, lists and maps default to empty ones. */
  String def() default REQUIRED;

  /** Smallest number, duration in milliseconds, or size in bytes. */
  long min() default Long.MIN_VALUE;

  /** Largest number, duration in milliseconds, or size in bytes. */
  long max() default Long.MAX_VALUE;
}
