package io.baton.engine.cuda.gemm;

import io.baton.engine.cuda.compile.KernelCache;
import io.baton.engine.cuda.gemm.GemmTuner.Way;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Choices of algorithms on disk, for one shape on one kind of card with one version of driver and
 * library: choosing takes seconds for a large model.
 */
final class KeptWays {
  private static final int WAY_BYTES = 2 * Integer.BYTES + Algorithm.BYTES;

  private final Optional<KernelCache> cache;
  private final String key;
  private final String about;

  KeptWays(GemmContext context, GemmShape shape, int[] buckets) {
    cache = context.cache();
    about =
        "%s on %s, driver %d, cuBLASLt %d, rows %s"
            .formatted(
                shape,
                context.device().name(),
                context.device().driverVersion(),
                context.version(),
                Arrays.toString(buckets));
    key = KernelCache.key(List.of("ways of products, 1", about));
  }

  /** What was chosen before; the algorithms are the caller's to close. */
  Optional<NavigableMap<Integer, Way>> read() {
    return cache.flatMap(c -> c.read(key)).map(entry -> parse(entry.cubin()));
  }

  void write(NavigableMap<Integer, Way> ways) {
    ByteBuffer bytes = ByteBuffer.allocate(WAY_BYTES * ways.size());
    ways.forEach((bucket, way) ->
        bytes.putInt(bucket).putInt(way.leastRows()).put(way.algorithm().toBytes()));
    cache.ifPresent(c -> c.write(key, new KernelCache.Entry(bytes.array(), about)));
  }

  private static NavigableMap<Integer, Way> parse(byte[] kept) {
    ByteBuffer bytes = ByteBuffer.wrap(kept);
    var ways = new TreeMap<Integer, Way>();
    while (bytes.remaining() >= WAY_BYTES) {
      int bucket = bytes.getInt();
      int leastRows = bytes.getInt();
      var algorithm = new byte[Algorithm.BYTES];
      bytes.get(algorithm);
      ways.put(bucket, new Way(new Algorithm(algorithm), leastRows));
    }
    return ways;
  }
}
