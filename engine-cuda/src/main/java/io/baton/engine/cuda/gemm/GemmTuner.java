package io.baton.engine.cuda.gemm;

import io.baton.engine.cuda.driver.CudaEvent;
import io.baton.engine.cuda.driver.CudaStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses an algorithm per bucket of rows, all from one family: algorithms that give a row the same
 * bits, whatever the number of rows. Candidates are what cuBLASLt recommends at several numbers of
 * rows; each is timed, and its bits compared, on the device. The family with the least time in all
 * wins.
 */
final class GemmTuner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GemmTuner.class);

  /** Up to so many rows, every candidate is tried; beyond, those recommended there. */
  private static final int FEW_ROWS = 512;

  /** Of the runs of one measurement; the best of some measurements counts. */
  private static final int REPEATS = 2;

  private static final int MEASUREMENTS = 3;

  /** So many times slower than the best known, a candidate is not measured again. */
  private static final float HOPELESS = 1.3f;

  /**
   * Up to so many rows a product is bound by reading its weights, and may compute rows for nothing.
   */
  private static final int MOST_FOR_NOTHING = 64;

  /** What such a detour must gain at least. */
  private static final float WORTH_IT = 0.95f;

  private final GemmShape shape;
  private final int[] buckets;
  private final CudaStream stream;
  private final MatmulForms forms;
  private final KeptWays kept;
  private final TuningData data;
  private final CudaEvent from;
  private final CudaEvent to;

  /**
   * How products of a bucket are computed.
   *
   * @param leastRows rows to compute at least
   */
  record Way(Algorithm algorithm, int leastRows) {}

  /** Algorithms of a family by bucket, with the sum of their times. */
  private static final class Family {
    private final RowBits reference;
    private final TreeMap<Integer, Algorithm> best = new TreeMap<>();
    private final Map<Integer, Float> millis = new LinkedHashMap<>();

    Family(RowBits reference) {
      this.reference = reference;
    }

    /** Milliseconds; infinite if there is none yet. */
    float bestAt(int bucket) {
      return millis.getOrDefault(bucket, Float.POSITIVE_INFINITY);
    }

    void offer(int bucket, Algorithm algorithm, float time) {
      Float known = millis.get(bucket);
      if (known == null || time < known) {
        millis.put(bucket, time);
        best.put(bucket, algorithm);
      }
    }

    float time(int bucket) {
      return millis.getOrDefault(bucket, Float.MAX_VALUE);
    }

    /** Each bucket counts the same: as a part of the best that any family has there. */
    double cost(Map<Integer, Float> fastest) {
      return millis.entrySet().stream()
          .mapToDouble(
              time -> time.getValue() / fastest.getOrDefault(time.getKey(), time.getValue()))
          .sum();
    }
  }

  GemmTuner(GemmContext context, GemmShape shape, int[] buckets, CudaStream stream) {
    this.shape = shape;
    this.buckets = buckets;
    this.stream = stream;
    forms = new MatmulForms(context, shape);
    kept = new KeptWays(context, shape, buckets);
    data = new TuningData(context.device(), shape, buckets[buckets.length - 1]);
    from = context.device().newTimingEvent();
    to = context.device().newTimingEvent();
  }

  /**
   * The algorithm of each bucket, by its upper end: as it was chosen before, if its bits are still
   * right.
   *
   * @throws GemmException if no family of algorithms covers all
   */
  NavigableMap<Integer, Way> choose() {
    long start = System.nanoTime();
    Optional<NavigableMap<Integer, Way>> known = kept.read();
    if (known.isPresent()) {
      if (stillRight(known.get())) {
        LOG.info(
            "products {}: as chosen before, compared in {} ms",
            shape,
            (System.nanoTime() - start) / 1_000_000);
        return known.get();
      }
      LOG.warn("products {}: what was chosen before does not hold, choosing again", shape);
      known.get().values().stream().map(Way::algorithm).forEach(Algorithm::close);
    }
    NavigableMap<Integer, Way> chosen = chooseNow();
    kept.write(chosen);
    return chosen;
  }

  private boolean stillRight(NavigableMap<Integer, Way> ways) {
    if (ways.size() != buckets.length) {
      return false;
    }
    RowBits reference = null;
    for (int i = buckets.length - 1; i >= 0; i--) {
      Way way = ways.get(buckets[i]);
      if (way == null || !runs(way.algorithm(), Math.max(buckets[i], way.leastRows()))) {
        return false;
      }
      RowBits bits = data.bits(stream, buckets[i]);
      if (reference != null && !reference.agrees(bits)) {
        return false;
      }
      reference = reference == null ? bits : reference;
    }
    return true;
  }

  private NavigableMap<Integer, Way> chooseNow() {
    long start = System.nanoTime();
    Map<Integer, List<Algorithm>> recommended = recommended();
    Set<Algorithm> all = new LinkedHashSet<>();
    recommended.values().forEach(all::addAll);
    var families = new ArrayList<Family>();
    for (int i = buckets.length - 1; i >= 0; i--) {
      int bucket = buckets[i];
      int lowest = i == 0 ? 1 : buckets[i - 1] + 1;
      for (Algorithm candidate :
          bucket <= FEW_ROWS ? all : recommended.getOrDefault(bucket, List.of())) {
        tryOut(candidate, lowest, bucket, families, i == buckets.length - 1);
      }
    }
    Family chosen = cheapest(families);
    NavigableMap<Integer, Way> ways = ways(chosen);
    closeOthers(recommended, ways.values().stream().map(Way::algorithm).toList());
    LOG.info(
        "products {}: {} candidates, {} families, {} algorithms in use, chosen in {} ms",
        shape,
        all.size(),
        families.size(),
        ways.values().stream().map(Way::algorithm).distinct().count(),
        (System.nanoTime() - start) / 1_000_000);
    return ways;
  }

  /**
   * Few rows are not always faster than more of them: then more are computed, and the rest is
   * ignored.
   */
  private static NavigableMap<Integer, Way> ways(Family family) {
    var ways = new TreeMap<Integer, Way>();
    for (int bucket : family.best.keySet()) {
      int fastest = bucket;
      for (int more : family.best.tailMap(bucket, false).keySet()) {
        if (more <= MOST_FOR_NOTHING
            && family.time(more) < WORTH_IT * family.time(bucket)
            && family.time(more) < family.time(fastest)) {
          fastest = more;
        }
      }
      Algorithm algorithm = family.best.get(fastest);
      if (algorithm != null) {
        ways.put(bucket, new Way(algorithm, fastest == bucket ? 1 : fastest));
      }
    }
    return ways;
  }

  private Map<Integer, List<Algorithm>> recommended() {
    Map<Integer, List<Algorithm>> found = new LinkedHashMap<>();
    for (int bucket : buckets) {
      found.put(bucket, forms.recommended(bucket));
    }
    return found;
  }

  /**
   * Adds a candidate to the family whose bits it has. Families are founded at the largest number of
   * rows, where all rows to compare with exist.
   */
  private void tryOut(
      Algorithm candidate, int lowest, int bucket, List<Family> families, boolean founding) {
    if (!runs(candidate, bucket)) {
      return;
    }
    RowBits bits = data.bits(stream, bucket);
    Family family = null;
    for (Family each : families) {
      if (each.reference.agrees(bits)) {
        family = each;
      }
    }
    if (family == null && founding) {
      family = new Family(bits);
      families.add(family);
    }
    if (family == null || !sameAt(candidate, lowest, family)) {
      return;
    }
    family.offer(bucket, candidate, time(candidate, bucket, family.bestAt(bucket)));
  }

  private boolean runs(Algorithm candidate, int rows) {
    data.clearOutput(stream, rows);
    return forms.run(stream, data.weights(0), data.input(), data.output(), rows, candidate) == 0;
  }

  private boolean sameAt(Algorithm candidate, int rows, Family family) {
    return runs(candidate, rows) && family.reference.agrees(data.bits(stream, rows));
  }

  /** Milliseconds of a product, with weights that are not in the cache. */
  private float time(Algorithm algorithm, int rows, float known) {
    float best = measure(algorithm, rows);
    for (int i = 1; i < MEASUREMENTS && best < HOPELESS * known; i++) {
      best = Math.min(best, measure(algorithm, rows));
    }
    return best;
  }

  private float measure(Algorithm algorithm, int rows) {
    stream.record(from);
    int runs = 0;
    for (int i = 0; i < REPEATS; i++) {
      for (int copy = 0; copy < data.weightCopies(); copy++) {
        int status =
            forms.run(stream, data.weights(copy), data.input(), data.output(), rows, algorithm);
        GemmContext.check("cublasLtMatmul", rows + " rows, " + shape, status);
        runs++;
      }
    }
    stream.record(to);
    to.await();
    return to.millisSince(from) / runs;
  }

  private Family cheapest(List<Family> families) {
    Map<Integer, Float> fastest = new LinkedHashMap<>();
    for (Family family : families) {
      family.millis.forEach((bucket, time) -> fastest.merge(bucket, time, Math::min));
    }
    return families.stream()
        .filter(family -> family.best.size() == buckets.length)
        .min(java.util.Comparator.comparingDouble(family -> family.cost(fastest)))
        .orElseThrow(() ->
            new GemmException(
                "choice of algorithms",
                shape + ": none of " + families.size() + " families takes all numbers of rows",
                15));
  }

  private static void closeOthers(
      Map<Integer, List<Algorithm>> recommended, Collection<Algorithm> chosen) {
    Set<Algorithm> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    kept.addAll(chosen);
    recommended.values().stream()
        .flatMap(List::stream)
        .filter(algorithm -> !kept.contains(algorithm))
        .forEach(Algorithm::close);
  }

  @Override
  public void close() {
    from.close();
    to.close();
    data.close();
    forms.close();
  }
}
