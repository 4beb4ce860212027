/**
 * Stand-ins for SGLang and vLLM: their HTTP, their streams, their events, over the simulated
 * engine; for tests and demos on machines without an accelerator.
 *
 * <p>Starting points: {@link io.baton.standalone.fake.FakeCommands}, {@link
 * io.baton.standalone.fake.FakeSglang}, {@link io.baton.standalone.fake.FakeVllm}.
 *
 * <p>Must stay true: where a stand-in and the real server differ, the stand-in is wrong.
 */
@NullMarked
package io.baton.standalone.fake;

import org.jspecify.annotations.NullMarked;
