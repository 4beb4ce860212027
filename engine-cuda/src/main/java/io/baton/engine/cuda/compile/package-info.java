/**
 * CUDA C from the resources to code for the card that is there.
 *
 * <p>Starting points: {@link io.baton.engine.cuda.compile.KernelCompiler}, {@link
 * io.baton.engine.cuda.compile.KernelSource} (what lies in the resources), {@link
 * io.baton.engine.cuda.compile.CompileAll} (all of it, without a GPU).
 *
 * <p>Must stay true: the cache's key covers everything that goes into the code; a damaged entry is
 * compiled again, never loaded; compiling needs no driver.
 */
@NullMarked
package io.baton.engine.cuda.compile;

import org.jspecify.annotations.NullMarked;
