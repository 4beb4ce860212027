// Elements of weights, activations and KV. ELEM: 0 float32, 1 bfloat16, 2 float16. No header of CUDA is needed.
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#ifndef ELEM
#error "ELEM is not given (expected: 0, 1 or 2)"
#endif

#if ELEM == 0
typedef float T;
#define VEC 4   // elements in 16 bytes
#else
typedef u16 T;
#define VEC 8
#endif

#if ELEM == 0
__device__ __forceinline__ float toFloat(T v) { return v; }
__device__ __forceinline__ T fromFloat(float v) { return v; }
#elif ELEM == 1
__device__ __forceinline__ float toFloat(T v) { return __uint_as_float((u32)v << 16); }
__device__ __forceinline__ T fromFloat(float v) { T r; asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(r) : "f"(v)); return r; }
__device__ __forceinline__ float lower(u32 v) { return __uint_as_float(v << 16); }
__device__ __forceinline__ float upper(u32 v) { return __uint_as_float(v & 0xffff0000u); }
// The first operand of the instruction is the upper half.
__device__ __forceinline__ u32 packed(float low, float high) { u32 r; asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low)); return r; }
#else
__device__ __forceinline__ float toFloat(T v) { float r; asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"(v)); return r; }
__device__ __forceinline__ T fromFloat(float v) { T r; asm("cvt.rn.f16.f32 %0, %1;" : "=h"(r) : "f"(v)); return r; }
__device__ __forceinline__ float lower(u32 v) { return toFloat((T)(v & 0xffff)); }
__device__ __forceinline__ float upper(u32 v) { return toFloat((T)(v >> 16)); }
__device__ __forceinline__ u32 packed(float low, float high) { return (u32)fromFloat(low) | (u32)fromFloat(high) << 16; }
#endif

// 16 bytes of elements as floats.
#if ELEM == 0
__device__ __forceinline__ void unpack(uint4 v, float* f) {
  f[0] = __uint_as_float(v.x); f[1] = __uint_as_float(v.y); f[2] = __uint_as_float(v.z); f[3] = __uint_as_float(v.w);
}
__device__ __forceinline__ uint4 pack(const float* f) {
  return make_uint4(__float_as_uint(f[0]), __float_as_uint(f[1]), __float_as_uint(f[2]), __float_as_uint(f[3]));
}
#else
__device__ __forceinline__ void unpack(uint4 v, float* f) {
  f[0] = lower(v.x); f[1] = upper(v.x); f[2] = lower(v.y); f[3] = upper(v.y);
  f[4] = lower(v.z); f[5] = upper(v.z); f[6] = lower(v.w); f[7] = upper(v.w);
}
__device__ __forceinline__ uint4 pack(const float* f) {
  return make_uint4(packed(f[0], f[1]), packed(f[2], f[3]), packed(f[4], f[5]), packed(f[6], f[7]));
}
#endif

__device__ __forceinline__ float warpSum(float v) {
  #pragma unroll
  for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(~0u, v, o);
  return v;
}

// Sum over all threads of the block, the same in each; red has a place for each warp.
__device__ __forceinline__ float blockSum(float v, float* red) {
  v = warpSum(v);
  if ((threadIdx.x & 31) == 0) red[threadIdx.x >> 5] = v;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < (int)(blockDim.x >> 5); i++) sum += red[i];
  return sum;
}
