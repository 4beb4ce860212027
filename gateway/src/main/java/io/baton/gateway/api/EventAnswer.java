package io.baton.gateway.api;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** What all answers as server-sent events share: the head, the order of writes, the end. */
abstract class EventAnswer implements Answer {
  final AnswerFrame frame;
  private final ResponseHead head;
  private AnswerUsage usage = AnswerUsage.NONE;
  private boolean committed;
  private int errorStatus;

  EventAnswer(ResponseHead head, AnswerFrame frame) {
    this.head = head;
    this.frame = frame;
  }

  /** Events before all others. */
  abstract void begin(Buffer out);

  /** The events of a delta. */
  abstract void write(int choice, Delta delta, Buffer out);

  /** The events at the end of a choice. */
  abstract void writeEnd(int choice, Ending ending, Buffer out);

  /** The events after the last choice. */
  abstract void complete(AnswerUsage total, Buffer out);

  /** The events of a failure after the first byte; nothing follows them. */
  abstract void writeError(ApiException error, Buffer out);

  @Override
  public final void add(int choice, Delta delta) {
    if (!head.over()) {
      Buffer out = Buffer.buffer(512);
      commit(out);
      write(choice, delta, out);
      send(out);
    }
  }

  @Override
  public final void restart(int choice) {
    // What is out cannot be taken back, and what is not out is not kept.
  }

  @Override
  public final void end(int choice, Ending ending) {
    usage = usage.plus(ending.usage());
    if (!head.over()) {
      Buffer out = Buffer.buffer(512);
      commit(out);
      writeEnd(choice, ending, out);
      send(out);
    }
  }

  @Override
  public final Future<Void> finish() {
    if (head.over()) {
      return Future.succeededFuture();
    }
    Buffer out = Buffer.buffer(512);
    commit(out);
    complete(usage, out);
    head.quiet();
    return head.response().end(out);
  }

  @Override
  public final Future<Void> fail(ApiException error) {
    if (!committed) {
      errorStatus = error.status();
      return head.error(error);
    }
    if (head.over()) {
      return Future.succeededFuture();
    }
    Buffer out = Buffer.buffer(512);
    writeError(error, out);
    head.quiet();
    return head.response().end(out);
  }

  @Override
  public final void commit() {
    if (!committed && !head.over()) {
      Buffer out = ResponseHead.keepAliveComment();
      commit(out);
      send(out);
    }
  }

  private void commit(Buffer out) {
    if (!committed) {
      committed = true;
      head.beginEvents();
      begin(out);
    }
  }

  private void send(Buffer out) {
    // A failed write means that the client is gone; the close handler tells the relay.
    if (out.length() > 0) {
      head.wrote();
      head.response().write(out);
    }
  }

  @Override
  public final boolean committed() {
    return committed;
  }

  @Override
  public final int status() {
    return errorStatus == 0 ? 200 : errorStatus;
  }

  @Override
  public final boolean backlogged() {
    return committed && !head.over() && head.response().writeQueueFull();
  }

  @Override
  public final void onWritable(Runnable callback) {
    head.onWritable(callback);
  }
}
