package io.baton.prompt.template;

import java.util.List;

/** Temp. */
public record RenderedPrompt(List<Segment> segments) {
  /** Temp. */
  public record Segment(String text, boolean fromTemplate) {}
}
