/**
 * Who holds which KV block, and what can be reused.
 *
 * <p>Starting points: {@link io.baton.engine.blocks.BlockPool}, {@link
 * io.baton.engine.blocks.KvEventLog}.
 *
 * <p>Must stay true: a block is free, held, or cached and held by nobody, and never two of these;
 * whoever holds a block holds all blocks before it, so the least recently used cached block is
 * always a leaf; a hash only proposes a block, its tokens decide.
 */
@NullMarked
package io.baton.engine.blocks;

import org.jspecify.annotations.NullMarked;
