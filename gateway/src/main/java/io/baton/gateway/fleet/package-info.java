/**
 * Which workers exist, what they serve and how they are.
 *
 * <p>Starting points: {@link io.baton.gateway.fleet.Fleet} hears of workers and keeps the routers
 * fed; {@link io.baton.gateway.fleet.Pool} is what requests are routed within.
 *
 * <p>Must stay true: the workers are the truth, this is a picture of it; a worker of which two
 * incarnations are known does not exist.
 */
@NullMarked
package io.baton.gateway.fleet;

import org.jspecify.annotations.NullMarked;
