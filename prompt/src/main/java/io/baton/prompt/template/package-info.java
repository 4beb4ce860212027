/**
 * Chat templates: the part of Jinja2 that Hugging Face's templates use, rendered exactly as Jinja2
 * would with trimmed and left-stripped blocks, in a sandbox.
 *
 * <p>Starting points: {@link io.baton.prompt.template.ChatTemplate}; {@link
 * io.baton.prompt.template.TemplateParser} and {@link io.baton.prompt.template.Renderer}, the two
 * halves; {@link io.baton.prompt.template.Text}, a string that knows which of it is data.
 *
 * <p>Must stay true: what comes from variables is data, whatever is done to it, and never read as
 * template; a template cannot reach anything outside its variables, nor run for ever.
 */
@NullMarked
package io.baton.prompt.template;

import org.jspecify.annotations.NullMarked;
