/**
 * Answers that follow a JSON Schema or a regular expression: which tokens may come next. Start with
 * {@link io.baton.prompt.grammar.Grammar}, then {@link io.baton.prompt.grammar.TokenTrie}.
 */
@NullMarked
package io.baton.prompt.grammar;

import org.jspecify.annotations.NullMarked;
