/**
 * Blocks of KV cache and their names: what router, worker agents and engines must agree on, and
 * nothing else.
 *
 * <p>Starting points: {@link io.baton.kvblocks.BlockHasher}, {@link io.baton.kvblocks.KvEvent}.
 *
 * <p>Must stay true: equal tokens, salt and LoRA name give equal hashes in every process, for ever;
 * a sequence hash names a whole prefix, so holding it means holding all blocks before it.
 */
@NullMarked
package io.baton.kvblocks;

import org.jspecify.annotations.NullMarked;
