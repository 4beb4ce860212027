package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import io.baton.prompt.tools.JsonWatch.Verdict;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A call as a JSON object with {@code name} and {@code arguments} or {@code parameters}, in any
 * order. Tells the call as soon as its name is known and its arguments begin.
 */
final class CallObject {
  private static final Set<String> ARGUMENTS = Set.of("arguments", "parameters");
  private static final int MAX_HEAD = 64 << 10;

  private enum Phase {
    OPEN,
    KEY,
    COLON,
    VALUE,
    NEXT
  }

  private final AnswerSink sink;
  private final boolean needsArguments;
  private final Predicate<String> known;
  private final StringBuilder text = new StringBuilder();
  private Phase phase = Phase.OPEN;
  private JsonWatch watch = new JsonWatch();
  private String key = "";
  private String name = "";
  private String id = "";
  private @Nullable String early;
  private boolean streaming;
  private boolean begun;
  private boolean first = true;

  /**
   * A call that is to be read.
   *
   * @param needsArguments whether an object without arguments is no call
   * @param known which names count
   */
  CallObject(AnswerSink sink, boolean needsArguments, Predicate<String> known) {
    this.sink = sink;
    this.needsArguments = needsArguments;
    this.known = known;
  }

  /** Whether the sink has heard of it, so that it cannot become text any more. */
  boolean begun() {
    return begun;
  }

  /** Takes the next letter; END is told after the call's end. */
  Verdict accept(char c) {
    if (phase == Phase.VALUE || (phase == Phase.KEY && !text.isEmpty())) {
      return inside(c);
    }
    if (JsonWatch.isBlank(c)) {
      return Verdict.MORE;
    }
    return switch (phase) {
      case OPEN -> c == '{' ? to(Phase.KEY) : Verdict.BROKEN;
      case KEY -> c == '}' && first ? end() : key(c);
      case COLON -> c == ':' ? startValue() : Verdict.BROKEN;
      default -> c == ',' ? to(Phase.KEY) : c == '}' ? end() : Verdict.BROKEN;
    };
  }

  private Verdict to(Phase next) {
    phase = next;
    watch = new JsonWatch();
    return Verdict.MORE;
  }

  private Verdict key(char c) {
    first = false;
    return c == '"' ? inside(c) : Verdict.BROKEN;
  }

  private Verdict startValue() {
    text.setLength(0);
    return to(Phase.VALUE);
  }

  private Verdict inside(char c) {
    Verdict verdict = watch.accept(c);
    if (verdict == Verdict.BROKEN) {
      return verdict;
    }
    if (verdict != Verdict.END_BEFORE) {
      take(c);
    }
    if (text.length() > MAX_HEAD) {
      return Verdict.BROKEN;
    }
    if (verdict == Verdict.MORE) {
      return verdict;
    }
    return done(verdict, c);
  }

  private void take(char c) {
    if (streaming) {
      sink.callArguments(String.valueOf(c));
      return;
    }
    if (phase == Phase.VALUE && text.isEmpty() && JsonWatch.isBlank(c)) {
      return;
    }
    text.append(c);
    boolean nameFirst = !name.isEmpty() && ARGUMENTS.contains(key) && phase == Phase.VALUE;
    if (nameFirst && text.length() == 1 && c == '{' && known.test(name)) {
      begin();
      streaming = true;
      sink.callArguments("{");
      text.setLength(0);
    }
  }

  private void begin() {
    begun = true;
    sink.callBegin(id, name);
  }

  private Verdict done(Verdict verdict, char c) {
    String value = text.toString();
    text.setLength(0);
    if (phase == Phase.KEY) {
      key = JsonStrings.decode(value).orElse("");
      return to(Phase.COLON);
    }
    if (key.equals("name")) {
      name = value.startsWith("\"") ? JsonStrings.decode(value).orElse("") : "";
    } else if (key.equals("id")) {
      id = value.startsWith("\"") ? JsonStrings.decode(value).orElse("") : value;
    } else if (ARGUMENTS.contains(key) && !streaming) {
      // Some models write the arguments as a string of JSON.
      early = value.startsWith("\"") ? JsonStrings.decode(value).orElse("") : value;
    }
    streaming = false;
    to(Phase.NEXT);
    return verdict == Verdict.END_BEFORE ? accept(c) : Verdict.MORE;
  }

  private Verdict end() {
    if (!begun) {
      if (name.isEmpty() || !known.test(name) || (needsArguments && early == null)) {
        return Verdict.BROKEN;
      }
      begin();
      sink.callArguments(early == null ? "{}" : early);
    }
    sink.callEnd();
    return Verdict.END;
  }
}
