/**
 * KV events of SGLang and vLLM: from their ZMQ frames to Baton's own events.
 *
 * <p>Starting points: {@link io.baton.bridge.kvevents.KvEventFeed} (one rank's sockets, gaps and
 * replay), {@link io.baton.bridge.kvevents.KvEventDecoder} (what the bytes mean), {@link
 * io.baton.bridge.kvevents.KvMirror} (which blocks the engine holds, under Baton's names).
 *
 * <p>Must stay true: engines' hashes are identities and nothing else, Baton's are computed from
 * token ids; what is not understood or may be incomplete makes the mirror smaller, never wrong.
 */
@NullMarked
package io.baton.bridge.kvevents;

import org.jspecify.annotations.NullMarked;
