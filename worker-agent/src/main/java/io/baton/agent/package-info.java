/**
 * The process beside one engine: takes legs from NATS, drives the engine, sends chunks back, tells
 * what the engine's cache holds and how it is.
 *
 * <p>Starting points: {@link io.baton.agent.WorkerProcess} puts the parts together; {@link
 * io.baton.agent.WorkerAgent} takes a request; {@link io.baton.agent.TokenLeg} and {@link
 * io.baton.agent.OpenAiLeg} carry its answer.
 *
 * <p>Must stay true: the engine never waits for a client or for the broker; each leg ends with
 * exactly one last chunk; the trace goes on below {@code handle_payload}.
 */
@NullMarked
package io.baton.agent;

import org.jspecify.annotations.NullMarked;
