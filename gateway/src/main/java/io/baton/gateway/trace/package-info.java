/**
 * Tracing as the gateway sees it: what is recorded of a request, recent traces, their audit.
 *
 * <p>Starting points: {@link io.baton.gateway.trace.TraceDesk}, which holds the parts; {@link
 * io.baton.gateway.trace.TraceRules}, by which a request's decision is taken.
 *
 * <p>Must stay true: the decision is taken once per request, before anything of it leaves the
 * process; nothing here makes a request wait.
 */
@NullMarked
package io.baton.gateway.trace;

import org.jspecify.annotations.NullMarked;
