/**
 * The gym: {@code baton route replay} runs the production router in virtual time against simulated
 * workers and recorded traffic, beside other people's policies; {@code baton route diff} says what
 * a change of settings would have changed. Begin at {@link io.baton.standalone.route.RouteCommand}.
 */
@NullMarked
package io.baton.standalone.route;

import org.jspecify.annotations.NullMarked;
