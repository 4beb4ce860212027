/** How {@code baton up} tends what it started. */
@org.jspecify.annotations.NullMarked
package io.baton.standalone.up;
