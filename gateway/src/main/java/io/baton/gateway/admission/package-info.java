/**
 * Who may start now, who waits in whose turn, and who is refused at once: start at {@link
 * io.baton.gateway.admission.Admission}. The order of waiting is {@link
 * io.baton.gateway.admission.WaitingLine}, what a tenant may use {@link
 * io.baton.gateway.admission.Quota}; both are without threads and clocks of their own.
 */
@NullMarked
package io.baton.gateway.admission;

import org.jspecify.annotations.NullMarked;
