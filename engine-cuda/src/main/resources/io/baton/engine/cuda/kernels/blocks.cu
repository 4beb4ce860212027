// KV blocks of one layer on their way: gathered into one piece of memory, which a copy engine then moves at full speed, and the reverse.
typedef unsigned long long u64;

// Grid (pieces, blocks). A piece is 16 bytes a thread; `pieces` are those of a block.
extern "C" __global__ void __launch_bounds__(256) gather_blocks(const uint4* layer, const int* blocks, uint4* out, int pieces) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i < pieces) out[(u64)blockIdx.y * pieces + i] = layer[(u64)blocks[blockIdx.y] * pieces + i];
}

extern "C" __global__ void __launch_bounds__(256) scatter_blocks(uint4* layer, const int* blocks, const uint4* in, int pieces) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i < pieces) layer[(u64)blocks[blockIdx.y] * pieces + i] = in[(u64)blockIdx.y * pieces + i];
}

// Between layers of two pools, the first maybe in memory of another process. Grid (pieces, blocks).
extern "C" __global__ void __launch_bounds__(256) copy_blocks(const uint4* from, const int* fromBlocks, uint4* to, const int* toBlocks, int pieces) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i < pieces) to[(u64)toBlocks[blockIdx.y] * pieces + i] = from[(u64)fromBlocks[blockIdx.y] * pieces + i];
}
