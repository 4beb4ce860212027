package io.baton.prompt.template;

import java.util.List;

/** What a template's source consists of: text, and tags with tokens in them. */
sealed interface Piece {
  /** To be written as it is. */
  record Plain(String text) implements Piece {}

  /** {@code {{ ... }}}. */
  record Output(List<Token> tokens, int line) implements Piece {}

  /** {@code {% ... %}}. */
  record Tag(List<Token> tokens, int line) implements Piece {}
}
