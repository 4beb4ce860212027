package io.baton.prompt.template;

import io.baton.prompt.template.RenderedPrompt.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Temp. */
public final class ChatTemplate {
  /** Temp. */
  public static ChatTemplate compile(String source) throws TemplateException {
    return new ChatTemplate();
  }

  /** Temp. */
  @SuppressWarnings("unchecked")
  public RenderedPrompt render(Map<String, Object> variables) throws TemplateException {
    var s = new ArrayList<Segment>();
    for (var m :
        (List<Map<String, Object>>) java.util.Objects.requireNonNull(variables.get("messages"))) {
      s.add(new Segment("<|im_start|>", true));
      s.add(new Segment(m.get("role") + "\n" + m.get("content"), false));
      s.add(new Segment("<|im_end|>\n", true));
    }
    s.add(new Segment("<|im_start|>assistant\n", true));
    return new RenderedPrompt(s);
  }
}
