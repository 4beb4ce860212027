package io.baton.gateway.api;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** What all answers as one JSON object share: written when all choices are complete. */
abstract class BodyAnswer implements Answer {
  final AnswerFrame frame;
  private final ResponseHead head;
  private final List<CollectedChoice> choices = new ArrayList<>();
  private AnswerUsage usage = AnswerUsage.NONE;
  private int status = 200;
  private boolean committed;

  BodyAnswer(ResponseHead head, AnswerFrame frame) {
    this.head = head;
    this.frame = frame;
  }

  /** The whole object. */
  abstract void write(List<CollectedChoice> collected, AnswerUsage total, Buffer out);

  @Override
  public final void add(int choice, Delta delta) {
    choice(choice).add(delta);
  }

  @Override
  public final void restart(int choice) {
    choice(choice);
    choices.set(choice, new CollectedChoice());
  }

  @Override
  public final void end(int choice, Ending ending) {
    choice(choice).ending = ending;
    usage = usage.plus(ending.usage());
  }

  private CollectedChoice choice(int index) {
    while (choices.size() <= index) {
      choices.add(new CollectedChoice());
    }
    return choices.get(index);
  }

  @Override
  public final Future<Void> finish() {
    committed = true;
    Buffer out = Buffer.buffer(1024);
    write(choices, usage, out);
    return head.json(200, out);
  }

  @Override
  public final Future<Void> fail(ApiException error) {
    committed = true;
    status = error.status();
    return head.error(error);
  }

  @Override
  public final void commit() {
    // Its status says how it ended, so it goes out with the body.
  }

  @Override
  public final boolean committed() {
    return committed;
  }

  @Override
  public final int status() {
    return status;
  }

  @Override
  public final boolean backlogged() {
    return false;
  }

  @Override
  public final void onWritable(Runnable callback) {
    callback.run();
  }
}
