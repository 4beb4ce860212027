// Kernels by which the driver layer checks itself; see package io.baton.engine.cuda.check.

// y[i] = a * x[i] + y[i]
extern "C" __global__ void axpy(const float* x, float* y, float a, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}

// Reverses n ints of one block through dynamic shared memory, n at most what the launch gives.
extern "C" __global__ void reverse_shared(const int* in, int* out, int n) {
  extern __shared__ int tile[];
  for (int i = threadIdx.x; i < n; i += blockDim.x) tile[i] = in[i];
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) out[i] = tile[n - 1 - i];
}

// counter[0] += step, and the result also to a word of pinned host memory. May be launched before the
// kernel in front of it has ended, and waits for it itself.
extern "C" __global__ void count_up(int* counter, int* pinned, int step) {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
  if (threadIdx.x == 0) {
    int next = *(volatile int*)counter + step;
    *(volatile int*)counter = next;
    *(volatile int*)pinned = next;
    __threadfence_system();
  }
}

// Runs for about so many nanoseconds.
extern "C" __global__ void spin(long long nanos) {
  unsigned long long start, now;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(start));
  do {
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
  } while (now - start < (unsigned long long)nanos);
}

// Deliberately writes where nothing is.
extern "C" __global__ void write_at(long long address) { *(volatile int*)address = 1; }

// Reads without keeping: the sum goes out only if it is a value that cannot be.
extern "C" __global__ void read_only(const uint4* data, long long count, unsigned* out) {
  unsigned sum = 0;
  long long stride = (long long)gridDim.x * blockDim.x;
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += stride) {
    uint4 v = data[i];
    sum ^= v.x ^ v.y ^ v.z ^ v.w;
  }
  if (sum == 0x9e3779b9u) *out = sum;
}
