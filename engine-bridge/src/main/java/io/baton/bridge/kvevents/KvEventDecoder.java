package io.baton.bridge.kvevents;

import io.baton.bridge.kvevents.KvFrameException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;

/**
 * Reads every wire generation of SGLang's and vLLM's batches: {@code [timestamp, events, rank]},
 * where an event is an array that begins with its kind, or a map that names it. Stateless.
 */
final class KvEventDecoder {
  private static final String STORED = "BlockStored";
  private static final String REMOVED = "BlockRemoved";
  private static final String CLEARED = "AllBlocksCleared";

  private KvEventDecoder() {}

  /**
   * Reads one message.
   *
   * @throws KvFrameException if it is not a batch of events
   */
  static EngineBatch decode(byte[] payload) throws KvFrameException {
    try (MessageUnpacker in = MessagePack.newDefaultUnpacker(payload)) {
      return batch(new EventReader(in, payload.length));
    } catch (MessagePackException | IOException e) {
      throw new KvFrameException(Reason.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private static EngineBatch batch(EventReader in) throws IOException, KvFrameException {
    if (in.next() != ValueType.ARRAY) {
      throw new KvFrameException(Reason.NOT_A_BATCH, "not an array");
    }
    int size = in.arrayHeader();
    if (size < 2) {
      throw new KvFrameException(Reason.NOT_A_BATCH, "an array of " + size);
    }
    in.skip();
    if (in.next() != ValueType.ARRAY) {
      throw new KvFrameException(Reason.NOT_A_BATCH, "no list of events");
    }
    int count = in.arrayHeader();
    List<EngineEvent> events = new ArrayList<>(Math.min(count, 1024));
    int skipped = 0;
    for (int i = 0; i < count; i++) {
      EngineEvent event = event(in);
      if (event == null) {
        skipped++;
      } else {
        events.add(event);
      }
    }
    for (int i = 2; i < size; i++) {
      in.skip();
    }
    return new EngineBatch(events, skipped);
  }

  private static @Nullable EngineEvent event(EventReader in) throws IOException, KvFrameException {
    return switch (in.next()) {
      case ARRAY -> positional(in);
      case MAP -> named(in);
      default -> throw new KvFrameException(Reason.BAD_EVENT, "neither array nor map");
    };
  }

  private static @Nullable EngineEvent positional(EventReader in)
      throws IOException, KvFrameException {
    int size = in.arrayHeader();
    if (size == 0) {
      throw new KvFrameException(Reason.BAD_EVENT, "an empty event");
    }
    var fields = new EventFields();
    String kind = in.text();
    for (int i = 1; i < size; i++) {
      switch (kind) {
        case STORED -> storedAt(i, in, fields);
        case REMOVED -> removedAt(i, in, fields);
        default -> in.skip();
      }
    }
    return fields.event(kind);
  }

  /** Up to the medium both engines agree; what follows is told apart by its type. */
  private static void storedAt(int index, EventReader in, EventFields fields)
      throws IOException, KvFrameException {
    switch (index) {
      case 1 -> fields.hashes = in.hashes();
      case 2 -> fields.parent(in);
      case 3 -> fields.tokens = in.tokens();
      case 4 -> fields.blockSize = in.integer();
      case 5 -> fields.loraId = in.scalarText();
      case 6 -> fields.medium = in.optionalText();
      default -> storedTail(index, in, fields);
    }
  }

  private static void storedTail(int index, EventReader in, EventFields fields)
      throws IOException, KvFrameException {
    switch (in.next()) {
      case MAP -> metadata(in, fields);
      case STRING -> {
        String text = in.text();
        if (index == 7) {
          fields.loraName = text;
        } else {
          fields.place(text);
        }
      }
      case ARRAY -> {
        if (fields.extraKeys == null && index == 8) {
          fields.extraKeys = in.extraKeys();
        } else {
          in.skip();
        }
      }
      case INTEGER -> fields.firstIntegerIsGroup(in.integer());
      default -> in.skip();
    }
  }

  private static void metadata(EventReader in, EventFields fields)
      throws IOException, KvFrameException {
    int size = in.mapHeader();
    for (int i = 0; i < size; i++) {
      fields.named(in.text(), in);
    }
  }

  private static void removedAt(int index, EventReader in, EventFields fields)
      throws IOException, KvFrameException {
    switch (index) {
      case 1 -> fields.hashes = in.hashes();
      case 2 -> fields.medium = in.optionalText();
      default -> {
        switch (in.next()) {
          case INTEGER -> fields.firstIntegerIsGroup(in.integer());
          case STRING -> fields.place(in.text());
          default -> in.skip();
        }
      }
    }
  }

  private static @Nullable EngineEvent named(EventReader in) throws IOException, KvFrameException {
    int size = in.mapHeader();
    var fields = new EventFields();
    String kind = "";
    for (int i = 0; i < size; i++) {
      String name = in.text();
      if (name.equals("type")) {
        kind = in.text();
      } else {
        fields.named(name, in);
      }
    }
    return fields.event(kind);
  }

  static boolean isInteger(MessageFormat format) {
    return format.getValueType() == ValueType.INTEGER;
  }

  static boolean isKnown(String kind) {
    return kind.equals(STORED) || kind.equals(REMOVED) || kind.equals(CLEARED);
  }

  static boolean isStored(String kind) {
    return kind.equals(STORED);
  }

  static boolean isRemoved(String kind) {
    return kind.equals(REMOVED);
  }
}
