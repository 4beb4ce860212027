package io.baton.gateway.api;

import io.baton.gateway.api.GenerationRequest.Output;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A text completion as one object: of every {@code bestOf} choices the {@code n} best. */
final class CompletionBody extends BodyAnswer {
  private final Output output;
  private final int[] echoed;

  /**
   * Choices come in runs of as many as were made, one run per prompt.
   *
   * @param echoed characters of each prompt at the beginning of its choices
   */
  CompletionBody(ResponseHead head, AnswerFrame frame, Output output, int[] echoed) {
    super(head, frame);
    this.output = output;
    this.echoed = echoed;
  }

  @Override
  void write(List<CollectedChoice> choices, AnswerUsage total, Buffer out) {
    out.appendString(
        "{\"id\":\"%s\",\"object\":\"text_completion\",\"created\":%d,\"model\":%s,\"system_fingerprint\":\"%s\",\"choices\":["
            .formatted(
                frame.id(),
                frame.createdSeconds(),
                JsonText.quote(frame.model()),
                frame.fingerprint()));
    int index = 0;
    int bestOf = output.made();
    for (int from = 0; from < choices.size(); from += bestOf) {
      int offset = from / bestOf < echoed.length ? echoed[from / bestOf] : 0;
      for (CollectedChoice choice : best(choices.subList(from, from + bestOf), offset)) {
        choice(index++, choice, offset, out);
      }
    }
    out.appendString("],\"usage\":" + UsageJson.of(total) + "}");
  }

  private List<CollectedChoice> best(List<CollectedChoice> run, int echoed) {
    if (output.n() == output.made()) {
      return run;
    }
    var sorted = new ArrayList<>(run);
    sorted.sort(Comparator.comparingDouble(choice -> -choice.score(output.scored() ? echoed : 0)));
    return sorted.subList(0, output.n());
  }

  private void choice(int index, CollectedChoice choice, int offset, Buffer out) {
    ChatEvents.string(
        (index == 0 ? "" : ",") + "{\"index\":" + index + ",\"text\":",
        choice.text.toString(),
        out);
    out.appendString(",\"logprobs\":");
    LogprobsJson.completion(
        output.showLogprobs() ? choice.logprobs : List.of(), output.scored() ? 0 : offset, out);
    out.appendString(",\"finish_reason\":\"" + choice.ending().reason().word() + "\"}");
  }
}
