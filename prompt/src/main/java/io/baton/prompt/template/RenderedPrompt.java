package io.baton.prompt.template;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A rendered template that still knows what of it the template itself wrote: only there may special
 * tokens be control tokens.
 *
 * @param segments in order; neighbours are of different kinds
 */
public record RenderedPrompt(List<Segment> segments) {
  /**
   * A stretch of one kind.
   *
   * @param fromTemplate false for what came from variables
   */
  public record Segment(String text, boolean fromTemplate) {}

  /** The whole text. */
  public String text() {
    return segments.stream().map(Segment::text).collect(Collectors.joining());
  }
}
