package io.baton.gateway.api;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Log-probabilities in OpenAI's two shapes. */
final class LogprobsJson {
  private LogprobsJson() {}

  /** The value of {@code logprobs} in chat completions. */
  static void chat(List<TokenLogprob> tokens, Buffer out) {
    if (tokens.isEmpty()) {
      out.appendString("null");
      return;
    }
    out.appendString("{\"content\":[");
    for (int i = 0; i < tokens.size(); i++) {
      TokenLogprob token = tokens.get(i);
      out.appendString(i == 0 ? "{" : ",{");
      chatToken(token, out);
      out.appendString(",\"top_logprobs\":[");
      for (int j = 0; j < token.top().size(); j++) {
        out.appendString(j == 0 ? "{" : ",{");
        chatToken(token.top().get(j), out);
        out.appendString("}");
      }
      out.appendString("]}");
    }
    out.appendString("],\"refusal\":null}");
  }

  private static void chatToken(TokenLogprob token, Buffer out) {
    string("\"token\":", token.text(), out);
    out.appendString(",\"logprob\":" + token.shown() + ",\"bytes\":[");
    for (int i = 0; i < token.bytes().length; i++) {
      out.appendString((i == 0 ? "" : ",") + (token.bytes()[i] & 0xFF));
    }
    out.appendString("]");
  }

  /**
   * The value of {@code logprobs} in completions.
   *
   * @param offset characters of the choice's text before these tokens
   */
  static void completion(List<TokenLogprob> tokens, int offset, Buffer out) {
    if (tokens.isEmpty()) {
      out.appendString("null");
      return;
    }
    out.appendString("{\"tokens\":[");
    for (int i = 0; i < tokens.size(); i++) {
      string(i == 0 ? "" : ",", tokens.get(i).text(), out);
    }
    out.appendString("],\"token_logprobs\":[");
    for (int i = 0; i < tokens.size(); i++) {
      out.appendString(
          (i == 0 ? "" : ",") + (tokens.get(i).known() ? tokens.get(i).shown() : "null"));
    }
    out.appendString("],\"top_logprobs\":[");
    for (int i = 0; i < tokens.size(); i++) {
      out.appendString(i == 0 ? "" : ",");
      if (tokens.get(i).known()) {
        best(tokens.get(i).top(), out);
      } else {
        out.appendString("null");
      }
    }
    out.appendString("],\"text_offset\":[");
    int at = offset;
    for (int i = 0; i < tokens.size(); i++) {
      out.appendString((i == 0 ? "" : ",") + at);
      at += tokens.get(i).text().length();
    }
    out.appendString("]}");
  }

  private static void best(List<TokenLogprob> top, Buffer out) {
    out.appendString("{");
    for (int i = 0; i < top.size(); i++) {
      string(i == 0 ? "" : ",", top.get(i).text(), out);
      out.appendString(":" + top.get(i).shown());
    }
    out.appendString("}");
  }

  private static void string(String before, String value, Buffer out) {
    out.appendString(before + "\"");
    JsonText.escape(value, out);
    out.appendString("\"");
  }
}
