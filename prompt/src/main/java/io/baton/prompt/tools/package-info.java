/**
 * Tool calls in answers: one parser per family of models.
 *
 * <p>Starting points: {@link io.baton.prompt.tools.ToolFamily}, which finds a model's family from
 * its chat template and makes its parser; {@code MarkedParser}, on which most of them stand.
 *
 * <p>Must stay true: what is told does not depend on how the text is cut; a marker is never shown
 * in part; what is no call after all is shown as text.
 */
@NullMarked
package io.baton.prompt.tools;

import org.jspecify.annotations.NullMarked;
