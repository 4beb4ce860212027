package io.baton.prompt;

import java.io.IOException;
import java.nio.file.Path;

/** The bytes that the tokens of a model write, for those who choose tokens. */
public final class TokenBytes {
  private static final byte[] NOTHING = {};

  private TokenBytes() {}

  /**
   * By token id; nothing for special tokens and for ids without a token.
   *
   * @throws IOException naming the file if there is no readable tokenizer.json in the folder
   */
  public static byte[][] read(Path folder) throws IOException {
    TokenizerFile file = TokenizerFile.read(folder);
    TokenTable table = file.byteLevel() ? TokenTable.of(file) : TokenTable.spelling(file);
    byte[][] bytes = new byte[table.size()][];
    for (int id = 0; id < bytes.length; id++) {
      bytes[id] = table.bytes(id);
    }
    for (TokenizerFile.AddedToken token : file.addedTokens()) {
      if (token.special()) {
        bytes[token.id()] = NOTHING;
      }
    }
    return bytes;
  }
}
