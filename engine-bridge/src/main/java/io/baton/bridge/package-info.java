/**
 * What Baton asks of an inference engine, and the foreign engines that answer through it.
 *
 * <p>Starting points: {@link io.baton.bridge.TokenEngine} and {@link io.baton.bridge.OpenAiEngine},
 * the two forms of a request; {@link io.baton.bridge.Engine}, what both have in common.
 *
 * <p>Must stay true: no call blocks its caller; every accepted request ends in exactly one {@code
 * onFinished} or {@code onFailed}; nothing comes after that.
 */
@NullMarked
package io.baton.bridge;

import org.jspecify.annotations.NullMarked;
