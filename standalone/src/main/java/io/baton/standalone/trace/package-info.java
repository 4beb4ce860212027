/**
 * {@code baton trace}: reads traces from a gateway, a file, Tempo or Jaeger, and shows them.
 *
 * <p>Starting points: {@link io.baton.standalone.trace.TraceCommand}, {@link
 * io.baton.standalone.trace.TraceSource}.
 *
 * <p>Must stay true: works without a gateway when the trace is somewhere else.
 */
@NullMarked
package io.baton.standalone.trace;

import org.jspecify.annotations.NullMarked;
