package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import java.util.ArrayList;
import java.util.List;

/** What a parser said, with neighbouring pieces of one kind joined. */
public final class Heard implements AnswerSink {
  private final List<String> said = new ArrayList<>();
  private String kind = "";

  private void say(String of, String text) {
    if (kind.equals(of) && !of.equals("call")) {
      said.set(said.size() - 1, said.getLast() + text);
    } else {
      said.add(of + ": " + text);
    }
    kind = of;
  }

  @Override
  public void content(String text) {
    say("content", text);
  }

  @Override
  public void reasoning(String text) {
    say("reasoning", text);
  }

  @Override
  public void callBegin(String id, String name) {
    say("call", name + (id.isEmpty() ? "" : " " + id));
  }

  @Override
  public void callArguments(String json) {
    say("arguments", json);
  }

  @Override
  public void callEnd() {
    kind = "end";
  }

  /** In order. */
  public List<String> said() {
    return said;
  }
}
