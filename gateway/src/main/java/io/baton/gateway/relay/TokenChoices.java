package io.baton.gateway.relay;

import io.baton.gateway.api.Answer;
import io.baton.gateway.api.AnswerFrame;
import io.baton.gateway.api.Answers;
import io.baton.gateway.api.GenerationRequest;
import io.baton.gateway.api.GenerationRequest.Input;
import io.baton.gateway.api.ResponseHead;
import io.baton.gateway.api.TokenLogprob;
import io.baton.gateway.fleet.ServedModel;
import io.baton.prompt.AnswerParser;
import io.baton.prompt.reasoning.ReasoningFamily;
import io.baton.prompt.tools.ForcedCalls;
import io.baton.prompt.tools.ToolFamily;
import io.baton.prompt.tools.ToolSchemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The choices that a request in the {@code tokens} form asks for, and what each is made with. */
final class TokenChoices {
  /**
   * One choice.
   *
   * @param index among all of the request
   * @param prompt which prompt it continues
   * @param sample which choice of that prompt it is
   * @param read the prompt
   */
  record Choice(int index, int prompt, int sample, ReadPrompt read) {
    int[] tokens() {
      return read.ids();
    }
  }

  private final ServedModel model;
  private final GenerationRequest request;
  private final List<ReadPrompt> prompts;

  TokenChoices(ServedModel model, GenerationRequest request, List<ReadPrompt> prompts) {
    this.model = model;
    this.request = request;
    this.prompts = prompts;
  }

  GenerationRequest request() {
    return request;
  }

  List<ReadPrompt> prompts() {
    return prompts;
  }

  /** In the order of their indexes: all of the first prompt, all of the second, and so on. */
  List<Choice> all() {
    var choices = new ArrayList<Choice>(request.choices());
    for (int prompt = 0; prompt < prompts.size(); prompt++) {
      for (int sample = 0; sample < request.output().made(); sample++) {
        choices.add(new Choice(choices.size(), prompt, sample, prompts.get(prompt)));
      }
    }
    return choices;
  }

  Answer answer(ResponseHead head, AnswerFrame frame, String reasoningField) {
    int[] echoed = new int[request.output().echo() ? prompts.size() : 0];
    for (int i = 0; i < echoed.length; i++) {
      echoed[i] = echo(i).length();
    }
    return Answers.of(request, head, frame, echoed, reasoningField);
  }

  private String echo(int prompt) {
    if (!request.output().echo()) {
      return "";
    }
    return request.inputs().get(prompt) instanceof Input.Text text
        ? text.text()
        : model.format().decode(prompts.get(prompt).ids());
  }

  /** A new way from tokens to the answer. */
  AnswerFeed feed(Answer answer, Choice choice) {
    answer.restart(choice.index());
    boolean counts = choice.sample() == 0;
    var target =
        new TokenFeed.Target(
            answer,
            choice.index(),
            counts ? choice.tokens().length : 0,
            echo(choice.prompt()),
            firstOfPrompt(choice));
    var pieces =
        new AnswerPieces(
            answer, choice.index(), request.tools(), request.rendering().showReasoning());
    boolean chat = request.inputs().getFirst() instanceof Input.Messages;
    AnswerParser parser = chat ? parser(choice, pieces) : null;
    return new TokenFeed(
        target,
        parser == null ? model.detokenizer() : model.parsedDetokenizer(),
        model.stopStrings(request.stop()),
        new LogprobQueue(model.format(), request.sampling().getTopLogprobs()),
        pieces,
        parser);
  }

  private Optional<TokenLogprob> firstOfPrompt(Choice choice) {
    return request.sampling().getScorePrompt()
        ? Optional.of(TokenLogprob.first(model.format().tokenBytes(choice.tokens()[0])))
        : Optional.empty();
  }

  private @Nullable AnswerParser parser(Choice choice, AnswerPieces pieces) {
    if (request.tools().forced()) {
      return ForcedCalls.parser(pieces);
    }
    ToolFamily family = model.toolFamily();
    boolean calls = request.tools().possible() && family != ToolFamily.NONE;
    boolean channels = family == ToolFamily.HARMONY;
    if (!calls && !channels && model.reasoningFamily() == ReasoningFamily.NONE) {
      return null;
    }
    AnswerParser rest =
        (calls || channels ? family : ToolFamily.NONE)
            .parser(pieces, ToolSchemas.of(request.tools().parameters()));
    // What an answer must follow holds from its first token on, so nothing is thought before it.
    boolean opened = choice.read().opensReasoning() && request.format().isEmpty();
    return model.reasoningFamily().parser(opened, pieces, rest);
  }
}
