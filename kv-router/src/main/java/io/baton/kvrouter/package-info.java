/**
 * Chooses the worker for each leg of a request, by what its prefix cache holds and how busy it is,
 * and says why.
 *
 * <p>Starting points: {@link io.baton.kvrouter.KvRouter}, the whole library behind one class;
 * {@link io.baton.kvrouter.RouteReceipt}, the record of a decision.
 *
 * <p>Must stay true: no socket, thread, clock or random source that the caller cannot replace; an
 * overlap in a receipt was held by that worker at some moment of the decision; choosing and
 * reserving are one step; what was reserved is given back exactly once; the terms of a candidate's
 * cost add up to its cost.
 */
@NullMarked
package io.baton.kvrouter;

import org.jspecify.annotations.NullMarked;
