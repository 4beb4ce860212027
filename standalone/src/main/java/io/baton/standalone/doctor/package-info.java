/**
 * {@code baton doctor}: looks at a gateway's fleet or at an engine and says in plain words what is
 * wrong or could be better, and the flag to set.
 *
 * <p>Starting points: {@link io.baton.standalone.doctor.DoctorCommand}, {@link
 * io.baton.standalone.doctor.EngineDoctor}, {@link io.baton.standalone.doctor.FleetDoctor}.
 *
 * <p>Must stay true: it only reads; each finding says what, where and what to do.
 */
@NullMarked
package io.baton.standalone.doctor;

import org.jspecify.annotations.NullMarked;
