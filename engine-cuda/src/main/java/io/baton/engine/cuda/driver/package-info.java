/**
 * The CUDA driver, NVRTC and cuBLASLt from Java: thin interfaces of longs and ints, two bindings
 * behind them, and small objects over them.
 *
 * <p>Starting points: {@link io.baton.engine.cuda.driver.CudaDevice} (everything starts with a
 * device), {@link io.baton.engine.cuda.driver.CudaApi} (what a binding must offer), {@link
 * io.baton.engine.cuda.driver.Bindings} (which one is chosen).
 *
 * <p>Must stay true: every result code is looked at; every native handle has one owner that is
 * closed; after a sticky error nothing here tries again, the process ends; no native library is
 * touched before a binding is opened.
 */
@NullMarked
package io.baton.engine.cuda.driver;

import org.jspecify.annotations.NullMarked;
