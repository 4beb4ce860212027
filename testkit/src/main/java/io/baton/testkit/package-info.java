/**
 * Real parts for tests: a broker, an OTLP receiver, processes of Baton itself.
 *
 * <p>Starting points: {@link io.baton.testkit.Broker}, {@link io.baton.testkit.OtlpReceiver},
 * {@link io.baton.testkit.BatonProcess}.
 *
 * <p>Must stay true: ports are free ones on loopback; whatever a test starts is gone when it ends.
 */
@NullMarked
package io.baton.testkit;

import org.jspecify.annotations.NullMarked;
