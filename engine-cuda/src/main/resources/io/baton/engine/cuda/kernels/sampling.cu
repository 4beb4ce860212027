// Draws tokens from rows of logits, by the rules of TokenChooser of module engine. One block of 1,024 threads a draw; nothing depends on other draws.
typedef unsigned int u32;
typedef unsigned long long u64;

#define THREADS 1024
#define WARPS 32
#define CANDIDATES 2048   // best tokens that are put in order
#define BINS 2048         // of the histogram that finds them
#define BINS_A_UNIT 64.0f // so it reaches 32 below the largest logit
#define TILE 1024         // ids whose weights are summed at once
#define MOST_TILES 512
#define MOST_TOP 20
#define UNDECIDED -1
#define NOTHING __int_as_float(0xff800000)

struct Draw { int row, firstEdit, edits, mask; float temperature; int topK; float topP, minP; double uniform; int top, reserved; };
// penal(l + bias) - subtract, where penal divides what is positive by `repetition` and multiplies the rest; afterwards `bias` holds the logit as it was.
struct Edit { int token; float bias, repetition, subtract; };
struct Drawn { int token, topCount; double logSum; float logit; int ids[MOST_TOP]; float logits[MOST_TOP]; int reserved; };

struct Row { const float* logits; const u64* mask; int size; };

struct Shared {
  u64 keys[CANDIDATES];
  union { double sums[CANDIDATES]; int counts[BINS]; };
  double tiles[MOST_TILES];
  double reduced[WARPS];
  u64 largest[WARPS];
  int found, cut, chosen, kept;
};

__device__ __forceinline__ float at(const Row& row, int id) {
  return row.mask == 0 || (row.mask[id >> 6] >> (id & 63) & 1) ? row.logits[id] : NOTHING;
}

// Bits in the order of the floats, then the id turned round: the largest key is the largest logit, the smallest id of equals.
__device__ __forceinline__ u64 keyOf(float value, int id) {
  u32 bits = __float_as_uint(value);
  bits = (bits & 0x80000000u) ? ~bits : (bits | 0x80000000u);
  return ((u64)bits << 32) | (0xffffffffu - (u32)id);
}
__device__ __forceinline__ int idOf(u64 key) { return (int)(0xffffffffu - (u32)key); }
__device__ __forceinline__ float valueOf(u64 key) {
  u32 bits = (u32)(key >> 32);
  return __uint_as_float((bits & 0x80000000u) ? (bits & 0x7fffffffu) : ~bits);
}

__device__ u64 largestOf(const Row& row, Shared& s) {
  u64 best = 0;
  for (int id = threadIdx.x; id < row.size; id += THREADS) { u64 key = keyOf(at(row, id), id); best = best > key ? best : key; }
  #pragma unroll
  for (int o = 16; o; o >>= 1) { u64 other = __shfl_xor_sync(~0u, best, o); best = best > other ? best : other; }
  __syncthreads();
  if ((threadIdx.x & 31) == 0) s.largest[threadIdx.x >> 5] = best;
  __syncthreads();
  for (int i = 0; i < WARPS; i++) best = best > s.largest[i] ? best : s.largest[i];
  return best;
}

__device__ double warpTotal(double v) {
  #pragma unroll
  for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(~0u, v, o);
  return v;
}

__device__ double totalOf(double v, Shared& s) {
  v = warpTotal(v);
  __syncthreads();
  if ((threadIdx.x & 31) == 0) s.reduced[threadIdx.x >> 5] = v;
  __syncthreads();
  double sum = 0;
  for (int i = 0; i < WARPS; i++) sum += s.reduced[i];
  return sum;
}

__device__ double sumOfWeights(const Row& row, float most, float temperature, Shared& s) {
  double sum = 0;
  for (int id = threadIdx.x; id < row.size; id += THREADS) sum += expf((at(row, id) - most) / temperature);
  return totalOf(sum, s);
}

__device__ __forceinline__ int binOf(float most, float value) { return (int)fminf((most - value) * BINS_A_UNIT, BINS - 1.0f); }

// Puts as many of the best tokens in order as there is room for, all that lie above some value; how many these are.
__device__ int sortBest(const Row& row, float most, Shared& s) {
  int t = threadIdx.x;
  __syncthreads();
  s.counts[t] = 0; s.counts[t + THREADS] = 0;
  s.keys[t] = 0; s.keys[t + THREADS] = 0;
  if (t == 0) { s.found = 0; s.cut = -1; }
  __syncthreads();
  for (int id = t; id < row.size; id += THREADS) { float v = at(row, id); if (v > NOTHING) atomicAdd(&s.counts[binOf(most, v)], 1); }
  for (int step = 1; step < BINS; step <<= 1) {
    __syncthreads();
    int a = t >= step ? s.counts[t - step] : 0, b = t + THREADS >= step ? s.counts[t + THREADS - step] : 0;
    __syncthreads();
    s.counts[t] += a; s.counts[t + THREADS] += b;
  }
  __syncthreads();
  for (int bin = t; bin < BINS; bin += THREADS) if (s.counts[bin] <= CANDIDATES) atomicMax(&s.cut, bin);
  __syncthreads();
  int cut = s.cut;
  for (int id = t; id < row.size && cut >= 0; id += THREADS) {
    float v = at(row, id);
    if (v > NOTHING && binOf(most, v) <= cut) s.keys[atomicAdd(&s.found, 1)] = keyOf(v, id);
  }
  for (int size = 2; size <= CANDIDATES; size <<= 1)
    for (int stride = size >> 1; stride; stride >>= 1) {
      __syncthreads();
      int i = 2 * t - (t & (stride - 1)), j = i + stride;
      u64 a = s.keys[i], b = s.keys[j];
      if ((a < b) == ((i & size) == 0)) { s.keys[i] = b; s.keys[j] = a; }
    }
  __syncthreads();
  return s.found;
}

// By the order of ids: no sorting is needed where only min-p filters, since its threshold is relative to the best.
__device__ int drawByIds(const Row& row, float most, const Draw& d, Shared& s) {
  int tiles = (row.size + TILE - 1) / TILE, warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  if (tiles > MOST_TILES) return UNDECIDED;
  for (int tile = warp; tile < tiles; tile += WARPS) {
    double sum = 0;
    for (int id = tile * TILE + lane; id < min(row.size, (tile + 1) * TILE); id += 32) {
      float w = expf((at(row, id) - most) / d.temperature);
      sum += w < d.minP ? 0 : w;
    }
    sum = warpTotal(sum);
    if (lane == 0) s.tiles[tile] = sum;
  }
  __syncthreads();
  if (warp == 0) {
    double total = 0, before = 0;
    for (int tile = 0; tile < tiles; tile++) total += s.tiles[tile];
    double target = d.uniform * total;
    int tile = 0, last = 0;
    for (; tile < tiles - 1 && !(target < before + s.tiles[tile]); tile++) { if (s.tiles[tile] > 0) last = tile; before += s.tiles[tile]; }
    // Roundings may leave nothing after the last weight.
    if (!(s.tiles[tile] > 0)) { tile = last; target = 1e300; }
    int chosen = -1, lastHere = -1;
    for (int from = tile * TILE; from < min(row.size, (tile + 1) * TILE) && chosen < 0; from += 32) {
      int id = from + lane;
      float w = id < row.size ? expf((at(row, id) - most) / d.temperature) : 0;
      if (w < d.minP) w = 0;
      double sum = w;
      #pragma unroll
      for (int o = 1; o < 32; o <<= 1) { double other = __shfl_up_sync(~0u, sum, o); if (lane >= o) sum += other; }
      u32 hit = __ballot_sync(~0u, w > 0 && target < before + sum), there = __ballot_sync(~0u, w > 0);
      if (there) lastHere = from + 31 - __clz(there);
      if (hit) chosen = from + __ffs(hit) - 1;
      before += __shfl_sync(~0u, sum, 31);
    }
    if (lane == 0) s.chosen = chosen >= 0 ? chosen : lastHere;
  }
  __syncthreads();
  return s.chosen;
}

// From the best in order: top-k, then top-p of what that left, then min-p.
__device__ int drawFromBest(const Row& row, float most, const Draw& d, Shared& s) {
  bool allOfK = d.topK > 0 && d.topK < row.size;
  double total = allOfK ? 0 : sumOfWeights(row, most, d.temperature, s);
  int found = sortBest(row, most, s), t = threadIdx.x;
  if (allOfK && found < d.topK) return UNDECIDED;
  if (allOfK) found = d.topK;
  for (int i = t; i < CANDIDATES; i += THREADS) s.sums[i] = i < found ? expf((valueOf(s.keys[i]) - most) / d.temperature) : 0;
  __syncthreads();
  if (t == 0) s.kept = found;
  __syncthreads();
  // Weights fall: those that min-p leaves are the first ones.
  for (int i = t; i < found; i += THREADS) if (i > 0 && (float)s.sums[i] < d.minP) atomicMin(&s.kept, i);
  __syncthreads();
  int byMinP = s.kept;
  for (int step = 1; step < CANDIDATES; step <<= 1) {
    __syncthreads();
    double a = t >= step ? s.sums[t - step] : 0, b = t + THREADS >= step ? s.sums[t + THREADS - step] : 0;
    __syncthreads();
    s.sums[t] += a; s.sums[t + THREADS] += b;
  }
  __syncthreads();
  if (allOfK) total = s.sums[found - 1];
  if (t == 0) { s.kept = found + 1; s.chosen = found; }
  __syncthreads();
  if (d.topP < 1) for (int i = t; i < found; i += THREADS) if (s.sums[i] >= d.topP * total) atomicMin(&s.kept, i + 1);
  __syncthreads();
  // The nucleus is larger than what was sorted.
  if (s.kept > found && !allOfK && found < row.size) return UNDECIDED;
  int kept = min(min(s.kept, found), byMinP);
  double target = d.uniform * s.sums[kept - 1];
  for (int i = t; i < kept; i += THREADS) if (target < s.sums[i]) atomicMin(&s.chosen, i);
  __syncthreads();
  return idOf(s.keys[min(s.chosen, kept - 1)]);
}

// The log-probabilities are of the logits as the model made them.
__device__ void explain(const Row& row, int wanted, Drawn* out, Shared& s) {
  float most = valueOf(largestOf(row, s));
  double sum = sumOfWeights(row, most, 1, s);
  int found = wanted == 0 ? 0 : min(wanted, sortBest(row, most, s));
  for (int i = threadIdx.x; i < found; i += THREADS) { out->ids[i] = idOf(s.keys[i]); out->logits[i] = valueOf(s.keys[i]); }
  if (threadIdx.x == 0) { out->logSum = most + log(sum); out->topCount = found; }
  __syncthreads();
}

// Grid: draws. Results go to memory of the host.
extern "C" __global__ void __launch_bounds__(THREADS) draw_tokens(float* logits, int vocabulary, const Draw* draws, Edit* edits, const u64* masks, Drawn* out) {
  __shared__ Shared s;
  Draw d = draws[blockIdx.x];
  out += blockIdx.x; edits += d.firstEdit;
  float* values = logits + (u64)d.row * vocabulary;
  Row row = {values, 0, vocabulary};
  if (d.top >= 0) explain(row, d.top, out, s);
  for (int i = threadIdx.x; i < d.edits; i += THREADS) {
    float was = values[edits[i].token], l = was + edits[i].bias;
    if (edits[i].repetition != 1) l = l > 0 ? l / edits[i].repetition : l * edits[i].repetition;
    values[edits[i].token] = l - edits[i].subtract;
    edits[i].bias = was;
  }
  __syncthreads();
  if (d.mask >= 0) row.mask = masks + d.mask;
  u64 largest = largestOf(row, s);
  float most = valueOf(largest);
  int token;
  if (d.temperature == 0) token = idOf(largest);
  else if (!(most > NOTHING)) token = UNDECIDED;
  else if ((d.topK > 0 && d.topK < vocabulary) || d.topP < 1) token = drawFromBest(row, most, d, s);
  else token = drawByIds(row, most, d, s);
  __syncthreads();
  for (int i = threadIdx.x; i < d.edits; i += THREADS) values[edits[i].token] = edits[i].bias;
  __syncthreads();
  if (threadIdx.x == 0) { out->token = token; out->logit = token < 0 ? 0 : values[token]; }
}
