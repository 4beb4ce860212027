package io.baton.prompt.tools;

import io.baton.prompt.AnswerParser;
import io.baton.prompt.AnswerSink;
import java.util.List;

/**
 * Text with sections of tool calls that begin at a marker. Letters outside go to the reader, except
 * for what could be the beginning of a marker and blanks between calls. A section that turns out to
 * be none becomes text again.
 */
abstract class MarkedParser implements AnswerParser {
  /** A section that was no call is looked through again only up to here. */
  private static final int MAX_RESCAN = 8 << 10;

  final AnswerSink sink;
  private final MarkerHold hold;
  private final StringBuilder content = new StringBuilder();
  private final StringBuilder raw = new StringBuilder();
  private final StringBuilder blanks = new StringBuilder();
  private boolean inside;

  /** Blanks here are held: they are dropped if a call follows or the text ends. */
  private boolean afterCall = true;

  private boolean fresh = true;

  MarkedParser(AnswerSink sink, List<String> starts) {
    this.sink = sink;
    this.hold = new MarkerHold(starts);
  }

  /** A section begins. */
  abstract void begin(String marker);

  /** Whether an answer that begins with this letter begins with a section. */
  boolean beginsBare(char c) {
    return false;
  }

  /** The next letter of a section; calls {@link #leave} or {@link #degrade} when it ends. */
  abstract void step(char c);

  /** The text ends inside a section. */
  abstract void endInside();

  @Override
  public final void accept(String text) {
    for (int i = 0; i < text.length(); i++) {
      letter(text.charAt(i));
    }
    flushContent();
  }

  private void letter(char c) {
    if (inside) {
      raw.append(c);
      step(c);
      return;
    }
    if (fresh && beginsBare(c)) {
      fresh = false;
      blanks.setLength(0);
      enter("");
      raw.append(c);
      step(c);
      return;
    }
    var free = new StringBuilder();
    String marker = hold.accept(c, free);
    outside(free);
    if (!marker.isEmpty()) {
      blanks.setLength(0);
      enter(marker);
    }
  }

  private void outside(CharSequence free) {
    for (int i = 0; i < free.length(); i++) {
      char c = free.charAt(i);
      if (afterCall && JsonWatch.isBlank(c)) {
        blanks.append(c);
      } else {
        afterCall = false;
        fresh = false;
        content.append(blanks).append(c);
        blanks.setLength(0);
      }
    }
  }

  private void enter(String marker) {
    inside = true;
    raw.setLength(0);
    raw.append(marker);
    flushContent();
    begin(marker);
  }

  /** What was read of the section so far is told and cannot become text any more. */
  final void committed() {
    raw.setLength(0);
  }

  /** The section has ended as it should. */
  final void leave() {
    inside = false;
    afterCall = true;
    raw.setLength(0);
  }

  /** The section is none: what was not told yet is text. */
  final void degrade() {
    inside = false;
    String text = raw.toString();
    raw.setLength(0);
    afterCall = false;
    if (text.isEmpty()) {
      return;
    }
    fresh = false;
    content.append(text.charAt(0));
    if (text.length() > MAX_RESCAN) {
      content.append(text, 1, text.length());
      return;
    }
    for (int i = 1; i < text.length(); i++) {
      letter(text.charAt(i));
    }
  }

  private void flushContent() {
    if (!content.isEmpty()) {
      sink.content(content.toString());
      content.setLength(0);
    }
  }

  @Override
  public final void finish() {
    if (inside) {
      endInside();
    }
    if (inside) {
      degrade();
    }
    // What degrade() read again may have opened a section; the text is over all the same.
    if (inside) {
      inside = false;
      content.append(raw);
    }
    String rest = hold.flush();
    if (!rest.isEmpty()) {
      outside(rest);
    }
    flushContent();
  }
}
