// Attention for heads of 128 dimensions and blocks of 16 tokens, in bfloat16 or float16.
// compile: -DELEM=1 -DHEADS=32 -DKV_HEADS=8 -DHEAD_DIM=128 -DBLOCK_SIZE=16
// compile: -DELEM=2 -DHEADS=32 -DKV_HEADS=8 -DHEAD_DIM=128 -DBLOCK_SIZE=16
// compile: -DELEM=1 -DHEADS=16 -DKV_HEADS=8 -DHEAD_DIM=128 -DBLOCK_SIZE=16
#include "elements.cuh"

#if HEAD_DIM != 128 || BLOCK_SIZE != 16 || ELEM == 0
#error "only for heads of 128, blocks of 16, elements of 16 bits"
#endif
#define GROUP (HEADS / KV_HEADS)
#define HEAD_ELEMENTS (BLOCK_SIZE * HEAD_DIM)
#define V_AT ((u64)KV_HEADS * HEAD_ELEMENTS)
#define BLOCK_ELEMENTS (2 * V_AT)
#define QKV_WIDTH ((HEADS + 2 * KV_HEADS) * HEAD_DIM)
#define NOTHING __int_as_float(0xff800000)

#if ELEM == 1
#define MMA "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
#else
#define MMA "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
#endif

// KV is read once: it need not push other things out of the caches.
__device__ __forceinline__ uint4 streamed(const uint4* p) {
  uint4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(p));
  return v;
}

// Rows of answers. Grid (kv heads, splits, rows): split i of a context takes blocks i * perSplit up to (i + 1) * perSplit, where perSplit depends on the
// context's length alone, so that a row has the same bits in any batch. 4 warps take blocks in turn; half a warp holds the 128 dimensions of one token.
extern "C" __global__ void __launch_bounds__(128) attention_decode(const T* qkv, const T* kv, const int* tables, int tableStride, const int* sequences,
    const int* positions, const int* rows, T* out, float* parts, float scale, int leastPerSplit, int mostSplits) {
  __shared__ float shared[4][GROUP][HEAD_DIM + 2];
  int kvHead = blockIdx.x, split = blockIdx.y, row = rows[blockIdx.z], warp = threadIdx.x >> 5, lane = threadIdx.x & 31, half = lane >> 4, l = lane & 15;
  int length = positions[row] + 1, blocks = (length + BLOCK_SIZE - 1) / BLOCK_SIZE;
  int perSplit = max(leastPerSplit, (blocks + mostSplits - 1) / mostSplits), splits = (blocks + perSplit - 1) / perSplit;
  if (split >= splits) return;
  int first = split * perSplit, end = min(blocks, first + perSplit);
  float q[GROUP][8], m[GROUP], s[GROUP], sum[GROUP][8];
  #pragma unroll
  for (int g = 0; g < GROUP; g++) {
    unpack(*(const uint4*)(qkv + (u64)row * QKV_WIDTH + (kvHead * GROUP + g) * HEAD_DIM + l * 8), q[g]);
    m[g] = -1e30f; s[g] = 0;
    #pragma unroll
    for (int j = 0; j < 8; j++) { q[g][j] *= scale; sum[g][j] = 0; }
  }
  const int* table = tables + (u64)sequences[row] * tableStride;
  int next = first + warp < end ? table[first + warp] : 0;
  for (int block = first + warp; block < end; block += 4) {
    const T* k = kv + (u64)next * BLOCK_ELEMENTS + (u64)kvHead * HEAD_ELEMENTS;
    next = block + 4 < end ? table[block + 4] : 0;
    int last = min(BLOCK_SIZE, length - block * BLOCK_SIZE) - 1;
    #pragma unroll
    for (int part = 0; part < 2; part++) {
      uint4 kk[4], vv[4]; float score[4][GROUP];
      #pragma unroll
      for (int i = 0; i < 4; i++) {
        // A place that nobody wrote may hold NaN, and nothing times NaN is NaN: the last token is read again instead.
        int t = min(part * 8 + i * 2 + half, last);
        kk[i] = streamed((const uint4*)(k + t * HEAD_DIM) + l);
        vv[i] = streamed((const uint4*)(k + V_AT + t * HEAD_DIM) + l);
      }
      #pragma unroll
      for (int i = 0; i < 4; i++) {
        float f[8]; unpack(kk[i], f);
        bool there = part * 8 + i * 2 + half <= last;
        #pragma unroll
        for (int g = 0; g < GROUP; g++) {
          float d = 0;
          #pragma unroll
          for (int j = 0; j < 8; j++) d += f[j] * q[g][j];
          #pragma unroll
          for (int o = 8; o; o >>= 1) d += __shfl_xor_sync(~0u, d, o);
          score[i][g] = there ? d : NOTHING;
        }
      }
      #pragma unroll
      for (int g = 0; g < GROUP; g++) {
        float most = fmaxf(fmaxf(fmaxf(score[0][g], score[1][g]), fmaxf(score[2][g], score[3][g])), m[g]), r = exp2f(m[g] - most);
        m[g] = most; s[g] *= r;
        #pragma unroll
        for (int j = 0; j < 8; j++) sum[g][j] *= r;
        #pragma unroll
        for (int i = 0; i < 4; i++) { score[i][g] = exp2f(score[i][g] - most); s[g] += score[i][g]; }
      }
      #pragma unroll
      for (int i = 0; i < 4; i++) {
        float f[8]; unpack(vv[i], f);
        #pragma unroll
        for (int g = 0; g < GROUP; g++)
          #pragma unroll
          for (int j = 0; j < 8; j++) sum[g][j] += score[i][g] * f[j];
      }
    }
  }
  #pragma unroll
  for (int g = 0; g < GROUP; g++) {
    float other = __shfl_xor_sync(~0u, m[g], 16), most = fmaxf(m[g], other), r = exp2f(m[g] - most);
    s[g] *= r; s[g] += __shfl_xor_sync(~0u, s[g], 16);
    #pragma unroll
    for (int j = 0; j < 8; j++) {
      float a = sum[g][j] * r; a += __shfl_xor_sync(~0u, a, 16);
      if (half == 0) shared[warp][g][l * 8 + j] = a;
    }
    if (lane == 0) { shared[warp][g][HEAD_DIM] = most; shared[warp][g][HEAD_DIM + 1] = s[g]; }
  }
  __syncthreads();
  #pragma unroll
  for (int g = 0; g < GROUP; g++) {
    float most = fmaxf(fmaxf(shared[0][g][HEAD_DIM], shared[1][g][HEAD_DIM]), fmaxf(shared[2][g][HEAD_DIM], shared[3][g][HEAD_DIM])), total = 0, all = 0;
    #pragma unroll
    for (int w = 0; w < 4; w++) { float r = exp2f(shared[w][g][HEAD_DIM] - most); total += shared[w][g][HEAD_DIM + 1] * r; all += shared[w][g][threadIdx.x] * r; }
    if (splits == 1) out[((u64)row * HEADS + kvHead * GROUP + g) * HEAD_DIM + threadIdx.x] = fromFloat(all / total);
    else {
      float* p = parts + (((u64)blockIdx.z * HEADS + kvHead * GROUP + g) * gridDim.y + split) * (HEAD_DIM + 2);
      p[threadIdx.x] = all;
      if (threadIdx.x == 0) { p[HEAD_DIM] = most; p[HEAD_DIM + 1] = total; }
    }
  }
}

// Puts splits together. Grid (heads, rows); mostParts is the grid's splits of the kernel above.
extern "C" __global__ void __launch_bounds__(128) attention_combine(const float* parts, const int* positions, const int* rows, T* out,
    int mostParts, int leastPerSplit, int mostSplits) {
  int row = rows[blockIdx.y], blocks = (positions[row] + BLOCK_SIZE) / BLOCK_SIZE;
  int perSplit = max(leastPerSplit, (blocks + mostSplits - 1) / mostSplits), splits = (blocks + perSplit - 1) / perSplit;
  if (splits == 1) return;
  const float* p = parts + ((u64)blockIdx.y * HEADS + blockIdx.x) * mostParts * (HEAD_DIM + 2);
  float most = -1e30f, total = 0, all = 0;
  for (int i = 0; i < splits; i++) most = fmaxf(most, p[i * (HEAD_DIM + 2) + HEAD_DIM]);
  for (int i = 0; i < splits; i++) {
    float r = exp2f(p[i * (HEAD_DIM + 2) + HEAD_DIM] - most);
    total += r * p[i * (HEAD_DIM + 2) + HEAD_DIM + 1]; all += r * p[i * (HEAD_DIM + 2) + threadIdx.x];
  }
  out[((u64)row * HEADS + blockIdx.x) * HEAD_DIM + threadIdx.x] = fromFloat(all / total);
}

__device__ __forceinline__ void copyAsync(u32 to, const void* from) { asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from)); }
__device__ __forceinline__ void loadMatrix(u32* r, u32 a) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(a));
}
__device__ __forceinline__ void loadTransposed(u32* r, u32 a) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(a));
}
__device__ __forceinline__ void multiplyAdd(float* c, const u32* a, u32 b0, u32 b1) {
  asm volatile(MMA "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Rows of one prompt, `count` of them from row `firstRow` on, the first at position `start`. Grid (heads, tiles of 128 rows), 8 warps of 16 rows each;
// KV comes in tiles of 64 tokens, which begin at multiples of 64 whatever the chunk, so a row has the same bits however its prompt is cut.
// 64 KiB of shared memory: K and V of two tiles, rows of 256 bytes, their 16-byte pieces exchanged so that no bank is asked twice.
extern "C" __global__ void __launch_bounds__(256, 1) attention_prefill(const T* __restrict__ qkv, const T* __restrict__ kv, const int* __restrict__ tables,
    int tableOffset, int firstRow, int start, int count, T* __restrict__ out, float scale) {
  extern __shared__ __align__(128) unsigned char memory[];
  u32 base = (u32)__cvta_generic_to_shared(memory);
  const int* table = tables + tableOffset;
  const T* queries = qkv + (u64)firstRow * QKV_WIDTH;
  T* to = out + (u64)firstRow * HEADS * HEAD_DIM;
  // The last tiles have the most to do: they go first.
  int head = blockIdx.x, kvHead = head / GROUP, q0 = (gridDim.y - 1 - blockIdx.y) * 128, tid = threadIdx.x, warp = tid >> 5, lane = tid & 31, g = lane >> 2, t = lane & 3;
  int length = start + count, limit = min(length, start + q0 + 128), tiles = (limit + 63) / 64;
  int r0 = q0 + warp * 16 + g, r1 = r0 + 8;
  u32 q[8][4];
  {
    const u32* p0 = (const u32*)(queries + (u64)min(r0, count - 1) * QKV_WIDTH + head * HEAD_DIM) + t;
    const u32* p1 = (const u32*)(queries + (u64)min(r1, count - 1) * QKV_WIDTH + head * HEAD_DIM) + t;
    #pragma unroll
    for (int k = 0; k < 8; k++) { q[k][0] = p0[k * 8]; q[k][1] = p1[k * 8]; q[k][2] = p0[k * 8 + 4]; q[k][3] = p1[k * 8 + 4]; }
  }
  float o[16][4], m0 = -1e30f, m1 = -1e30f, l0 = 0, l1 = 0;
  #pragma unroll
  for (int i = 0; i < 16; i++) o[i][0] = o[i][1] = o[i][2] = o[i][3] = 0;
  auto load = [&](int tile) {
    u32 into = base + (tile & 1) * 32768;
    #pragma unroll
    for (int i = 0; i < 4; i++) {
      int c = tid + i * 256, row = c >> 4, piece = c & 15, token = min(tile * 64 + row, length - 1);
      const T* k = kv + (u64)table[token / BLOCK_SIZE] * BLOCK_ELEMENTS + (u64)kvHead * HEAD_ELEMENTS + (token % BLOCK_SIZE) * HEAD_DIM + piece * 8;
      u32 d = into + row * 256 + ((piece ^ (row & 7)) << 4);
      copyAsync(d, k); copyAsync(d + 16384, k + V_AT);
    }
    asm volatile("cp.async.commit_group;");
  };
  load(0);
  for (int tile = 0; tile < tiles; tile++) {
    if (tile + 1 < tiles) { load(tile + 1); asm volatile("cp.async.wait_group 1;"); } else asm volatile("cp.async.wait_group 0;");
    __syncthreads();
    u32 kAt = base + (tile & 1) * 32768, vAt = kAt + 16384;
    float s[8][4];
    #pragma unroll
    for (int i = 0; i < 8; i++) s[i][0] = s[i][1] = s[i][2] = s[i][3] = 0;
    #pragma unroll
    for (int k = 0; k < 8; k++)
      #pragma unroll
      for (int n = 0; n < 4; n++) {
        u32 r[4]; int row = n * 16 + (lane & 7) + ((lane >> 4) << 3), piece = k * 2 + ((lane >> 3) & 1);
        loadMatrix(r, kAt + row * 256 + ((piece ^ (row & 7)) << 4));
        multiplyAdd(s[2 * n], q[k], r[0], r[1]); multiplyAdd(s[2 * n + 1], q[k], r[2], r[3]);
      }
    bool edge = tile * 64 + 63 > start + q0 + warp * 16;
    float a0 = m0, a1 = m1;
    #pragma unroll
    for (int i = 0; i < 8; i++) {
      #pragma unroll
      for (int e = 0; e < 4; e++) {
        s[i][e] *= scale;
        if (edge && tile * 64 + i * 8 + t * 2 + (e & 1) > start + (e < 2 ? r0 : r1)) s[i][e] = NOTHING;
      }
      a0 = fmaxf(a0, fmaxf(s[i][0], s[i][1])); a1 = fmaxf(a1, fmaxf(s[i][2], s[i][3]));
    }
    a0 = fmaxf(a0, __shfl_xor_sync(~0u, a0, 1)); a0 = fmaxf(a0, __shfl_xor_sync(~0u, a0, 2));
    a1 = fmaxf(a1, __shfl_xor_sync(~0u, a1, 1)); a1 = fmaxf(a1, __shfl_xor_sync(~0u, a1, 2));
    float c0 = exp2f(m0 - a0), c1 = exp2f(m1 - a1); m0 = a0; m1 = a1; l0 *= c0; l1 *= c1;
    #pragma unroll
    for (int i = 0; i < 16; i++) { o[i][0] *= c0; o[i][1] *= c0; o[i][2] *= c1; o[i][3] *= c1; }
    #pragma unroll
    for (int i = 0; i < 8; i++) {
      s[i][0] = exp2f(s[i][0] - a0); s[i][1] = exp2f(s[i][1] - a0); s[i][2] = exp2f(s[i][2] - a1); s[i][3] = exp2f(s[i][3] - a1);
      l0 += s[i][0] + s[i][1]; l1 += s[i][2] + s[i][3];
    }
    #pragma unroll
    for (int k = 0; k < 4; k++) {
      u32 a[4] = {packed(s[2 * k][0], s[2 * k][1]), packed(s[2 * k][2], s[2 * k][3]), packed(s[2 * k + 1][0], s[2 * k + 1][1]), packed(s[2 * k + 1][2], s[2 * k + 1][3])};
      #pragma unroll
      for (int n = 0; n < 8; n++) {
        u32 r[4]; int row = k * 16 + (lane & 15), piece = n * 2 + (lane >> 4);
        loadTransposed(r, vAt + row * 256 + ((piece ^ (row & 7)) << 4));
        multiplyAdd(o[2 * n], a, r[0], r[1]); multiplyAdd(o[2 * n + 1], a, r[2], r[3]);
      }
    }
    __syncthreads();
  }
  l0 += __shfl_xor_sync(~0u, l0, 1); l0 += __shfl_xor_sync(~0u, l0, 2); l1 += __shfl_xor_sync(~0u, l1, 1); l1 += __shfl_xor_sync(~0u, l1, 2);
  l0 = 1 / l0; l1 = 1 / l1;
  #pragma unroll
  for (int i = 0; i < 16; i++) {
    if (r0 < count) *(u32*)(to + ((u64)r0 * HEADS + head) * HEAD_DIM + i * 8 + t * 2) = packed(o[i][0] * l0, o[i][1] * l0);
    if (r1 < count) *(u32*)(to + ((u64)r1 * HEADS + head) * HEAD_DIM + i * 8 + t * 2) = packed(o[i][2] * l1, o[i][3] * l1);
  }
}
