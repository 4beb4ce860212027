package io.baton.prompt.tools;

import io.baton.prompt.AnswerParser;
import io.baton.prompt.AnswerSink;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * gpt-oss's harmony: messages with a channel each. {@code analysis} is reasoning, a message to a
 * function is a call, everything else is for the reader.
 */
final class HarmonyParser implements AnswerParser {
  static final List<String> MARKERS =
      List.of(
          "<|start|>",
          "<|channel|>",
          "<|message|>",
          "<|constrain|>",
          "<|end|>",
          "<|call|>",
          "<|return|>");
  private static final int MAX_HEAD = 512;
  private static final Pattern RECIPIENT =
      Pattern.compile("to=(?:functions\\.)?([\\w.:/-]{1,256})");
  private static final Pattern ANALYSIS = Pattern.compile("<\\|channel\\|>\\s*analysis");

  private enum Body {
    HEAD,
    CONTENT,
    REASONING,
    CALL
  }

  private final AnswerSink sink;
  private final MarkerHold hold = new MarkerHold(MARKERS);
  private final StringBuilder free = new StringBuilder();
  private final StringBuilder head = new StringBuilder();
  private Body body = Body.HEAD;

  HarmonyParser(AnswerSink sink) {
    this.sink = sink;
  }

  @Override
  public void accept(String text) {
    for (int i = 0; i < text.length(); i++) {
      String marker = hold.accept(text.charAt(i), free);
      if (body == Body.HEAD || !marker.isEmpty()) {
        tell();
      }
      if (!marker.isEmpty()) {
        marker(marker);
      }
    }
    tell();
  }

  private void tell() {
    if (free.isEmpty()) {
      return;
    }
    String text = free.toString();
    free.setLength(0);
    switch (body) {
      case HEAD -> inHead(text);
      case CONTENT -> sink.content(text);
      case REASONING -> sink.reasoning(text);
      case CALL -> sink.callArguments(text);
    }
  }

  private void inHead(String text) {
    head.append(text);
    if (head.length() > MAX_HEAD) {
      plain();
    }
  }

  /** What looked like a head is none: it is text. */
  private void plain() {
    String text = head.toString();
    head.setLength(0);
    body = Body.CONTENT;
    sink.content(text);
  }

  private void marker(String marker) {
    switch (marker) {
      case "<|message|>" -> {
        if (body == Body.HEAD) {
          beginBody();
        }
      }
      case "<|channel|>", "<|constrain|>" -> {
        if (body == Body.HEAD) {
          head.append(marker);
        }
      }
      default -> {
        endBody();
        body = Body.HEAD;
        head.setLength(0);
      }
    }
  }

  private void beginBody() {
    Matcher recipient = RECIPIENT.matcher(head);
    if (recipient.find()) {
      body = Body.CALL;
      sink.callBegin("", recipient.group(1));
    } else {
      body = ANALYSIS.matcher(head).find() ? Body.REASONING : Body.CONTENT;
    }
    head.setLength(0);
  }

  private void endBody() {
    if (body == Body.CALL) {
      sink.callEnd();
    }
  }

  @Override
  public boolean inReasoning() {
    return body == Body.REASONING;
  }

  @Override
  public void finish() {
    free.append(hold.flush());
    tell();
    boolean onlyText = body == Body.HEAD && head.indexOf("<|") < 0 && !head.toString().isBlank();
    if (onlyText && !head.toString().strip().equals("assistant")) {
      plain();
    }
    endBody();
    body = Body.HEAD;
  }
}
