package io.baton.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.engine.model.Tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a checkpoint: one {@code model.safetensors}, or several files with an index. Files
 * are mapped for as long as the arena lives; nothing is read until it is used.
 */
final class Safetensors {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final long LARGEST_HEADER = 100L << 20;
  private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path dir;
  private final ObjectMapper mapper;
  private final Map<String, Tensor> tensors = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  private Safetensors(Path dir, ObjectMapper mapper) {
    this.dir = dir;
    this.mapper = mapper;
  }

  static Safetensors map(Path dir, ObjectMapper mapper, Arena arena) throws ModelException {
    var all = new Safetensors(dir, mapper);
    Path index = dir.resolve(INDEX);
    if (Files.exists(index)) {
      all.mapShards(index, arena);
    } else {
      all.mapFile(dir.resolve(SINGLE), arena);
    }
    return all;
  }

  /** The tensor of this name and shape; it counts as used from now on. */
  Tensor take(String name, long... shape) throws ModelException {
    Tensor tensor = takeIfPresent(name, shape);
    if (tensor == null) {
      throw new ModelException(dir + ": tensor " + name + " is missing");
    }
    return tensor;
  }

  /** As {@link #take}, or null if there is none. */
  @Nullable Tensor takeIfPresent(String name, long... shape) throws ModelException {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      return null;
    }
    if (!java.util.Arrays.equals(tensor.shape(), shape)) {
      throw new ModelException(
          dir
              + ": tensor "
              + name
              + ": shape "
              + java.util.Arrays.toString(tensor.shape())
              + " (expected: "
              + java.util.Arrays.toString(shape)
              + ", from config.json)");
    }
    taken.add(name);
    return tensor;
  }

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  /** Names that nobody took, sorted: parts of the model that would be ignored. */
  Set<String> left() {
    var left = new TreeSet<>(tensors.keySet());
    left.removeAll(taken);
    return left;
  }

  private void mapShards(Path index, Arena arena) throws ModelException {
    JsonNode files;
    try {
      files = mapper.readTree(index.toFile()).path("weight_map");
    } catch (IOException e) {
      throw new ModelException(index + ": not readable: " + e.getMessage(), e);
    }
    var shards = new TreeSet<String>();
    files.forEach(file -> shards.add(file.asText()));
    if (shards.isEmpty()) {
      throw new ModelException(index + ": weight_map is empty or absent");
    }
    for (String shard : shards) {
      Path file = dir.resolve(shard).normalize();
      if (!file.startsWith(dir.normalize())) {
        throw new ModelException(index + ": " + shard + " (expected: a file beside the index)");
      }
      mapFile(file, arena);
    }
    for (var names = files.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!tensors.containsKey(name)) {
        throw new ModelException(
            dir.resolve(files.get(name).asText())
                + ": tensor "
                + name
                + " is missing, see "
                + index);
      }
    }
  }

  private void mapFile(Path file, Arena arena) throws ModelException {
    MemorySegment whole;
    try (FileChannel channel = FileChannel.open(file)) {
      whole = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new ModelException(
          file + ": cannot be mapped (" + e + "); expected: a safetensors file", e);
    }
    long headerBytes = whole.byteSize() < 8 ? -1 : whole.get(LITTLE_ENDIAN_LONG, 0);
    if (headerBytes < 2 || headerBytes > Math.min(LARGEST_HEADER, whole.byteSize() - 8)) {
      throw new ModelException(file + ": header length " + headerBytes + ": no safetensors file");
    }
    JsonNode header;
    try {
      byte[] text = whole.asSlice(8, headerBytes).toArray(ValueLayout.JAVA_BYTE);
      header = mapper.readTree(new String(text, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new ModelException(file + ": header is not JSON: " + e.getMessage(), e);
    }
    MemorySegment data = whole.asSlice(8 + headerBytes);
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      if (!entry.getKey().equals("__metadata__")) {
        tensors.put(entry.getKey(), tensor(file, entry.getKey(), entry.getValue(), data));
      }
    }
  }

  private static Tensor tensor(Path file, String name, JsonNode node, MemorySegment data)
      throws ModelException {
    String type = node.path("dtype").asText();
    DType dtype =
        switch (type) {
          case "F32" -> DType.F32;
          case "F16" -> DType.F16;
          case "BF16" -> DType.BF16;
          default ->
              throw new ModelException(
                  file + ": tensor " + name + ": dtype " + type + " (expected: F32, F16 or BF16)");
        };
    var shape = new long[node.path("shape").size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = node.path("shape").get(i).asLong();
    }
    long from = node.path("data_offsets").path(0).asLong(-1);
    long to = node.path("data_offsets").path(1).asLong(-1);
    if (from < 0 || to < from || to > data.byteSize()) {
      throw new ModelException(
          file
              + ": tensor "
              + name
              + ": bytes "
              + from
              + " to "
              + to
              + " (expected: within "
              + data.byteSize()
              + " bytes of data; is the file whole?)");
    }
    var tensor = new Tensor(name, dtype, shape, data.asSlice(from, to - from));
    if (tensor.size() * dtype.bytes() != to - from) {
      throw new ModelException(
          file + ": tensor " + name + ": " + (to - from) + " bytes do not fit its shape and dtype");
    }
    return tensor;
  }
}
