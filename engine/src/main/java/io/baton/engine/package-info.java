/**
 * The engine that ships with Baton: continuous batching over paged KV blocks, prefix reuse, and a
 * handoff of KV between a prefill and a decode engine.
 *
 * <p>Starting points: {@link io.baton.engine.BuiltinEngine}, {@link
 * io.baton.engine.EngineSettings}.
 *
 * <p>Must stay true: one thread owns scheduler, blocks and backend, everybody else sends it
 * commands through a bounded queue; what a request answers never depends on what else is in its
 * batch.
 */
@NullMarked
package io.baton.engine;

import org.jspecify.annotations.NullMarked;
