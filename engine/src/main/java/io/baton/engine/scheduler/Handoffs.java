package io.baton.engine.scheduler;

import io.baton.bridge.EngineException;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.engine.backend.Backend.LayerListener;
import io.baton.engine.handoff.HandoffPort;
import io.baton.engine.handoff.HandoffPort.FirstToken;
import io.baton.engine.handoff.HandoffPort.ReceiveJob;
import io.baton.engine.handoff.HandoffPort.ReceiveListener;
import io.baton.engine.handoff.HandoffPort.SendJob;
import io.baton.engine.handoff.HandoffPort.SendListener;
import io.baton.engine.handoff.HandoffPort.Sending;
import io.baton.engine.sampling.Choice;
import io.baton.engine.sampling.TokenChooser;
import io.baton.engine.scheduler.Sequence.Ending;
import io.baton.engine.scheduler.Sequence.State;
import io.baton.telemetry.slices.Stage;
import java.util.Arrays;
import java.util.List;

/** The two legs of disaggregated requests, between the scheduler and the handoff. */
final class Handoffs {
  private final Scheduler scheduler;
  private final HandoffPort port;

  Handoffs(Scheduler scheduler, HandoffPort port) {
    this.scheduler = scheduler;
    this.port = port;
  }

  // --- prefill leg ---

  /** Computes nothing before the decode leg has come: it might never. */
  void openRoom(Sequence sequence) {
    scheduler.putInRoom(sequence);
    sequence.stages.next(Stage.PREFILL_BOOTSTRAP, scheduler.now());
    SequenceBlocks blocks = Scheduler.blocks(sequence);
    blocks.keepReplaced();
    var job =
        new SendJob(
            handoff(sequence), promptKey(sequence), blocks.blocksFor(sequence.promptLength));
    sequence.sending = port.send(job, new SendSide(sequence));
  }

  /** Blocks that were in the cache already; once, before the first step. */
  void sendCached(Sequence sequence) {
    if (sequence.cachedSent) {
      return;
    }
    sequence.cachedSent = true;
    int cached = sequence.computed / blockSize(sequence);
    for (int layer = 0; layer < layers(); layer++) {
      ready(sequence, layer, 0, cached);
    }
  }

  /** Tells the transfers which blocks of a layer the step has just filled. */
  LayerListener layerListener(List<Sequence> planned) {
    return layer -> {
      for (Sequence sequence : planned) {
        if (sequence.sending != null) {
          int from = sequence.computed / blockSize(sequence);
          int computed = sequence.computed + sequence.stepRows;
          boolean whole = computed == sequence.promptLength;
          SequenceBlocks blocks = Scheduler.blocks(sequence);
          int to = whole ? blocks.blocksFor(computed) : computed / blockSize(sequence);
          ready(sequence, layer, from, to);
        }
      }
    };
  }

  private static void ready(Sequence sequence, int layer, int from, int to) {
    int first = Math.max(from, sequence.firstMissing);
    Sending sending = sequence.sending;
    if (first < to && sending != null) {
      sending.ready(layer, first, to, Scheduler.blocks(sequence).table());
    }
  }

  void promptDone(Sequence sequence, long now) {
    Sending sending = sequence.sending;
    Choice first = sequence.firstChoice;
    if (sending == null || first == null) {
      throw new IllegalStateException(sequence.rid + " is no prefill leg");
    }
    scheduler.putInTransfer(sequence, State.SENDING);
    sequence.timing.transferStart = now;
    sequence.stages.next(Stage.PREFILL_TRANSFER_KV_CACHE, now);
    sending.complete(new FirstToken(first, sequence.chooser.seed(), sequence.cachedTokens));
  }

  // --- decode leg ---

  /** Its blocks are reserved: fetches what is missing. */
  void goToRoom(Sequence sequence) {
    scheduler.putInTransfer(sequence, State.RECEIVING);
    sequence.timing.transferStart = scheduler.now();
    sequence.stages.next(Stage.DECODE_BOOTSTRAP, scheduler.now());
    SequenceBlocks blocks = Scheduler.blocks(sequence);
    int[] table = Arrays.copyOf(blocks.table(), blocks.count());
    int firstMissing = sequence.computed / blockSize(sequence);
    var job = new ReceiveJob(handoff(sequence), promptKey(sequence), table, firstMissing);
    sequence.receiving = port.receive(job, new ReceiveSide(sequence));
  }

  // --- both ---

  /**
   * Breaks off a sequence's transfer, if it has one under way.
   *
   * @return whether its end is still to be told by the transfer
   */
  boolean breakOff(Sequence sequence, String reason) {
    if (sequence.sending != null) {
      sequence.sending.abort(reason);
      return true;
    }
    if (sequence.receiving != null) {
      sequence.receiving.abort(reason);
      return true;
    }
    return false;
  }

  private void failed(Sequence sequence, String reason) {
    sequence.sending = null;
    sequence.receiving = null;
    if (sequence.ending == null) {
      scheduler.counters().failedHandoffs.increment();
      scheduler.endEarly(sequence, new Ending(EngineException.Kind.HANDOFF, reason));
    } else {
      scheduler.end(sequence);
    }
  }

  private final class SendSide implements SendListener {
    private final Sequence sequence;

    SendSide(Sequence sequence) {
      this.sequence = sequence;
    }

    @Override
    public void onJoined(int firstMissing) {
      sequence.firstMissing = firstMissing;
      if (sequence.ending == null) {
        scheduler.leaveRoom(sequence);
      }
    }

    @Override
    public void onSent(long bytes, int blocks) {
      sequence.sending = null;
      sequence.transferredBytes = bytes;
      sequence.transferredTokens = tokensIn(sequence, sequence.firstMissing);
      sequence.timing.transferEnd = scheduler.now();
      scheduler.counters().sentBytes.add(bytes);
      scheduler.counters().sentBlocks.add(blocks);
      scheduler.end(sequence);
    }

    @Override
    public void onSendFailed(String reason) {
      failed(sequence, reason);
    }
  }

  private final class ReceiveSide implements ReceiveListener {
    private final Sequence sequence;

    ReceiveSide(Sequence sequence) {
      this.sequence = sequence;
    }

    @Override
    public void onJoined() {
      if (sequence.ending == null) {
        sequence.stages.next(Stage.DECODE_TRANSFERRED, scheduler.now());
      }
    }

    @Override
    public void onReceived(FirstToken token, long bytes, int blocks) {
      sequence.receiving = null;
      scheduler.counters().receivedBytes.add(bytes);
      scheduler.counters().receivedBlocks.add(blocks);
      if (sequence.ending != null) {
        scheduler.end(sequence);
        return;
      }
      long now = scheduler.now();
      sequence.transferredBytes = bytes;
      sequence.transferredTokens = tokensIn(sequence, sequence.computed / blockSize(sequence));
      sequence.timing.transferEnd = now;
      sequence.computed = sequence.promptLength;
      sequence.chooser =
          new TokenChooser(
              sequence.request.sampling(), sequence.endTokens, sequence.mask, token.seed());
      scheduler.answers().takeFirst(sequence, token.choice(), now);
      scheduler.startDecoding(sequence, now);
    }

    @Override
    public void onReceiveFailed(String reason) {
      failed(sequence, reason);
    }
  }

  /** Prompt tokens in the blocks from the given one on. */
  private int tokensIn(Sequence sequence, int fromBlock) {
    return Math.max(0, sequence.promptLength - fromBlock * blockSize(sequence));
  }

  private int layers() {
    return scheduler.layers();
  }

  private int blockSize(Sequence sequence) {
    return Scheduler.blocks(sequence).blockSize();
  }

  private static Handoff handoff(Sequence sequence) {
    return sequence
        .request
        .handoff()
        .orElseThrow(() -> new IllegalStateException(sequence.rid + " has no handoff"));
  }

  private static long promptKey(Sequence sequence) {
    return Scheduler.blocks(sequence).names().key(sequence.request.tokenIds());
  }
}
