package io.baton.testkit;

import io.baton.testkit.OtlpReceiver.ReceivedSpan;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The spans of one trace as a tree, for assertions on its whole shape. */
public final class SpanTree {
  private final List<ReceivedSpan> spans;
  private final Map<String, ReceivedSpan> byId = new HashMap<>();

  /** Takes all spans of one trace. */
  public SpanTree(List<ReceivedSpan> spans) {
    this.spans = spans;
    spans.forEach(span -> byId.put(span.id(), span));
  }

  /** Spans without a parent in this tree whose parent is no span of {@code knownOutside} either. */
  public List<ReceivedSpan> orphans(Set<String> knownOutside) {
    return spans.stream()
        .filter(s -> !s.parentId().isEmpty())
        .filter(s -> !byId.containsKey(s.parentId()) && !knownOutside.contains(s.parentId()))
        .toList();
  }

  /** Spans that say that they have no parent, or whose parent is outside. */
  public List<ReceivedSpan> roots(Set<String> outside) {
    return spans.stream()
        .filter(s -> s.parentId().isEmpty() || outside.contains(s.parentId()))
        .toList();
  }

  /** Whether no two spans share an id. */
  public boolean idsUnique() {
    return new HashSet<>(spans.stream().map(ReceivedSpan::id).toList()).size() == spans.size();
  }

  /**
   * One line per span, indented by depth: {@code name [KIND] service}. Siblings by start time.
   *
   * @param rename makes names comparable, e.g. without ids
   */
  public String render(UnaryOperator<String> rename) {
    var out = new StringBuilder();
    spans.stream()
        .filter(s -> !byId.containsKey(s.parentId()))
        .sorted(byStart())
        .forEach(root -> render(root, 0, rename, out));
    return out.toString();
  }

  private void render(
      ReceivedSpan span, int depth, UnaryOperator<String> rename, StringBuilder out) {
    out.repeat("  ", depth).append(rename.apply(span.name()));
    if (!span.kind().equals("INTERNAL")) {
      out.append(" [").append(span.kind()).append(']');
    }
    out.append(" @").append(span.service()).append('\n');
    spans.stream()
        .filter(s -> s.parentId().equals(span.id()))
        .sorted(byStart())
        .forEach(child -> render(child, depth + 1, rename, out));
  }

  private static Comparator<ReceivedSpan> byStart() {
    return Comparator.<ReceivedSpan>comparingLong(s -> s.span().getStartTimeUnixNano())
        .thenComparing(ReceivedSpan::name);
  }
}
