// All of a transformer layer but its products and the fast attention; any type, any head size.
// compile: -DELEM=0 -DHIDDEN=192 -DMLP=512 -DHEADS=6 -DKV_HEADS=2 -DHEAD_DIM=32 -DBLOCK_SIZE=16
// compile: -DELEM=1 -DHIDDEN=4096 -DMLP=12288 -DHEADS=32 -DKV_HEADS=8 -DHEAD_DIM=128 -DBLOCK_SIZE=16
// compile: -DELEM=2 -DHIDDEN=4096 -DMLP=14336 -DHEADS=32 -DKV_HEADS=8 -DHEAD_DIM=128 -DBLOCK_SIZE=16
#include "elements.cuh"

// A block of KV in one layer: K [kv head][token][dim], then V alike.
#define HEAD_ELEMENTS ((u64)BLOCK_SIZE * HEAD_DIM)
#define V_AT ((u64)KV_HEADS * HEAD_ELEMENTS)
#define BLOCK_ELEMENTS (2 * V_AT)
#define QKV_WIDTH ((HEADS + 2 * KV_HEADS) * HEAD_DIM)

// One row of threads' blocks a token: its row of the table.
extern "C" __global__ void embed(const int* tokens, const T* table, T* x) {
  const uint4* from = (const uint4*)(table + (u64)tokens[blockIdx.x] * HIDDEN);
  uint4* to = (uint4*)(x + (u64)blockIdx.x * HIDDEN);
  for (int i = threadIdx.x; i < HIDDEN / VEC; i += blockDim.x) to[i] = from[i];
}

// x += delta, unless there is none; out = x / rms(x) * weight. One block a row.
extern "C" __global__ void __launch_bounds__(512) add_rmsnorm(T* x, const T* delta, const T* weight, T* out, float eps) {
  __shared__ float red[16];
  uint4* row = (uint4*)(x + (u64)blockIdx.x * HIDDEN);
  const uint4* add = (const uint4*)(delta + (u64)blockIdx.x * HIDDEN);
  float sum = 0;
  for (int i = threadIdx.x; i < HIDDEN / VEC; i += blockDim.x) {
    float f[VEC], d[VEC];
    unpack(row[i], f);
    if (delta) {
      unpack(add[i], d);
      #pragma unroll
      for (int j = 0; j < VEC; j++) f[j] += d[j];
      uint4 kept = pack(f);
      row[i] = kept;
      unpack(kept, f);   // the square of what is kept, not of what was rounded away
    }
    #pragma unroll
    for (int j = 0; j < VEC; j++) sum += f[j] * f[j];
  }
  float r = rsqrtf(blockSum(sum, red) / HIDDEN + eps);
  uint4* to = (uint4*)(out + (u64)blockIdx.x * HIDDEN);
  for (int i = threadIdx.x; i < HIDDEN / VEC; i += blockDim.x) {
    float f[VEC], w[VEC];
    unpack(row[i], f);   // each thread reads what it wrote itself
    unpack(((const uint4*)weight)[i], w);
    #pragma unroll
    for (int j = 0; j < VEC; j++) f[j] = f[j] * r * w[j];
    to[i] = pack(f);
  }
}

// The rows whose logits are wanted, after the last layer: out[i] = norm(x + delta) of row rows[i].
extern "C" __global__ void __launch_bounds__(512) final_norm(const T* x, const T* delta, const T* weight, const int* rows, T* out, float eps) {
  __shared__ float red[16];
  u64 at = (u64)rows[blockIdx.x] * HIDDEN;
  const uint4* row = (const uint4*)(x + at);
  const uint4* add = (const uint4*)(delta + at);
  float sum = 0;
  for (int i = threadIdx.x; i < HIDDEN / VEC; i += blockDim.x) {
    float f[VEC], d[VEC];
    unpack(row[i], f); unpack(add[i], d);
    #pragma unroll
    for (int j = 0; j < VEC; j++) f[j] += d[j];
    unpack(pack(f), f);
    #pragma unroll
    for (int j = 0; j < VEC; j++) sum += f[j] * f[j];
  }
  float r = rsqrtf(blockSum(sum, red) / HIDDEN + eps);
  uint4* to = (uint4*)(out + (u64)blockIdx.x * HIDDEN);
  for (int i = threadIdx.x; i < HIDDEN / VEC; i += blockDim.x) {
    float f[VEC], d[VEC], w[VEC];
    unpack(row[i], f); unpack(add[i], d);
    #pragma unroll
    for (int j = 0; j < VEC; j++) f[j] += d[j];
    unpack(pack(f), f);
    unpack(((const uint4*)weight)[i], w);
    #pragma unroll
    for (int j = 0; j < VEC; j++) f[j] = f[j] * r * w[j];
    to[i] = pack(f);
  }
}

// Bias, norm (q and k), rotation (q and k); q stays in place, k and v go into the KV blocks. One warp a head, eight a block; grid (heads / 8, rows).
extern "C" __global__ void __launch_bounds__(256) qk_rope_kv(T* qkv, const T* bias, const T* qWeight, const T* kWeight, const float2* turns,
                                                            const int* positions, const int* slots, T* kv, float eps) {
  const int HALF = HEAD_DIM / 2, EACH = (HALF + 31) / 32;
  int row = blockIdx.y, head = blockIdx.x * 8 + (threadIdx.x >> 5), lane = threadIdx.x & 31;
  if (head >= HEADS + 2 * KV_HEADS) return;
  T* p = qkv + (u64)row * QKV_WIDTH + head * HEAD_DIM;
  float a[EACH], b[EACH], squares = 0;
  #pragma unroll
  for (int j = 0; j < EACH; j++) {
    int i = lane + 32 * j;
    a[j] = b[j] = 0;
    if (i < HALF) {
      a[j] = toFloat(p[i]); b[j] = toFloat(p[i + HALF]);
      if (bias) { a[j] += toFloat(bias[head * HEAD_DIM + i]); b[j] += toFloat(bias[head * HEAD_DIM + i + HALF]); }
    }
    squares += a[j] * a[j] + b[j] * b[j];
  }
  bool value = head >= HEADS + KV_HEADS, query = head < HEADS;
  const T* weight = query ? qWeight : kWeight;
  if (!value && weight) {
    float r = rsqrtf(warpSum(squares) / HEAD_DIM + eps);
    #pragma unroll
    for (int j = 0; j < EACH; j++) {
      int i = lane + 32 * j;
      if (i < HALF) { a[j] *= r * toFloat(weight[i]); b[j] *= r * toFloat(weight[i + HALF]); }
    }
  }
  int slot = slots[row];
  T* block = kv + (u64)(slot / BLOCK_SIZE) * BLOCK_ELEMENTS + (u64)(slot % BLOCK_SIZE) * HEAD_DIM;
  T* to = query ? p : value ? block + V_AT + (head - HEADS - KV_HEADS) * HEAD_ELEMENTS : block + (head - HEADS) * HEAD_ELEMENTS;
  #pragma unroll
  for (int j = 0; j < EACH; j++) {
    int i = lane + 32 * j;
    if (i >= HALF) continue;
    float low = a[j], high = b[j];
    if (!value) {
      float2 t = turns[(u64)positions[row] * HALF + i];
      low = a[j] * t.x - b[j] * t.y; high = b[j] * t.x + a[j] * t.y;
    }
    to[i] = fromFloat(low); to[i + HALF] = fromFloat(high);
  }
}

// Attention of any row, prompt or answer, over all positions up to its own. Grid (heads, rows), 4 warps; warp w takes positions w, w + 4, ...
// The order of sums depends on the position alone, so a row has the same bits in any batch, chunk or cache state.
extern "C" __global__ void __launch_bounds__(128) attention_any(const T* qkv, const T* kv, const int* tables, int tableStride, const int* sequences,
                                                                const int* positions, T* out, float scale) {
  const int EACH = (HEAD_DIM + 31) / 32;
  __shared__ float part[4][HEAD_DIM + 2];
  int head = blockIdx.x, row = blockIdx.y, warp = threadIdx.x >> 5, lane = threadIdx.x & 31, kvHead = head / (HEADS / KV_HEADS);
  const int* table = tables + (u64)sequences[row] * tableStride;
  const T* query = qkv + (u64)row * QKV_WIDTH + head * HEAD_DIM;
  float q[EACH], sum[EACH], m = -1e30f, s = 0;
  #pragma unroll
  for (int j = 0; j < EACH; j++) { int d = lane + 32 * j; q[j] = d < HEAD_DIM ? toFloat(query[d]) * scale : 0; sum[j] = 0; }
  int last = positions[row];
  for (int t = warp; t <= last; t += 4) {
    const T* k = kv + (u64)table[t / BLOCK_SIZE] * BLOCK_ELEMENTS + kvHead * HEAD_ELEMENTS + (u64)(t % BLOCK_SIZE) * HEAD_DIM;
    const T* v = k + V_AT;
    float dot = 0;
    #pragma unroll
    for (int j = 0; j < EACH; j++) { int d = lane + 32 * j; if (d < HEAD_DIM) dot += q[j] * toFloat(k[d]); }
    dot = warpSum(dot);
    float most = fmaxf(m, dot), r = expf(m - most), p = expf(dot - most);
    m = most; s = s * r + p;
    #pragma unroll
    for (int j = 0; j < EACH; j++) { int d = lane + 32 * j; if (d < HEAD_DIM) sum[j] = sum[j] * r + p * toFloat(v[d]); }
  }
  #pragma unroll
  for (int j = 0; j < EACH; j++) { int d = lane + 32 * j; if (d < HEAD_DIM) part[warp][d] = sum[j]; }
  if (lane == 0) { part[warp][HEAD_DIM] = m; part[warp][HEAD_DIM + 1] = s; }
  __syncthreads();
  float most = fmaxf(fmaxf(part[0][HEAD_DIM], part[1][HEAD_DIM]), fmaxf(part[2][HEAD_DIM], part[3][HEAD_DIM]));
  for (int d = threadIdx.x; d < HEAD_DIM; d += blockDim.x) {
    float all = 0, total = 0;
    #pragma unroll
    for (int w = 0; w < 4; w++) {
      float r = expf(part[w][HEAD_DIM] - most);
      total += part[w][HEAD_DIM + 1] * r; all += part[w][d] * r;
    }
    out[((u64)row * HEADS + head) * HEAD_DIM + d] = fromFloat(all / total);
  }
}

// out = silu(gate) * up; gate and up lie side by side in a row. Grid (pieces, rows).
extern "C" __global__ void __launch_bounds__(256) silu_mul(const T* gateUp, T* out) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= MLP / VEC) return;
  const uint4* row = (const uint4*)(gateUp + (u64)blockIdx.y * 2 * MLP);
  float g[VEC], u[VEC];
  unpack(row[i], g); unpack(row[i + MLP / VEC], u);
  #pragma unroll
  for (int j = 0; j < VEC; j++) g[j] = g[j] / (1.0f + expf(-g[j])) * u[j];
  ((uint4*)(out + (u64)blockIdx.y * MLP))[i] = pack(g);
}

// The largest logit of each row, the smallest id of equals; the id goes to memory of the host. One block a row.
extern "C" __global__ void __launch_bounds__(1024) argmax(const float* logits, int* ids, int vocabulary) {
  __shared__ u64 red[32];
  const float* row = logits + (u64)blockIdx.x * vocabulary;
  u64 best = 0;
  for (int i = threadIdx.x; i < vocabulary; i += 1024) {
    // Bits in the order of the floats, then the id turned round.
    u32 bits = __float_as_uint(row[i]);
    bits = (bits & 0x80000000u) ? ~bits : (bits | 0x80000000u);
    u64 candidate = ((u64)bits << 32) | (0xffffffffu - (u32)i);
    best = best > candidate ? best : candidate;
  }
  #pragma unroll
  for (int o = 16; o; o >>= 1) { u64 other = __shfl_xor_sync(~0u, best, o); best = best > other ? best : other; }
  if ((threadIdx.x & 31) == 0) red[threadIdx.x >> 5] = best;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int i = 1; i < 32; i++) best = best > red[i] ? best : red[i];
    ids[blockIdx.x] = (int)(0xffffffffu - (u32)best);
  }
}

// Weights for measurements: small, different, the same every time.
extern "C" __global__ void __launch_bounds__(256) fill_random(T* out, u64 count, float scale, u32 seed) {
  for (u64 i = (u64)blockIdx.x * 256 + threadIdx.x; i < count; i += (u64)gridDim.x * 256) {
    u32 h = (u32)i * 2654435761u + seed; h ^= h >> 16; h *= 0x85ebca6bu; h ^= h >> 13; h *= 0xc2b2ae35u; h ^= h >> 16;
    out[i] = fromFloat(((h >> 8) * (1.0f / 8388608.0f) - 1.0f) * scale);
  }
}
