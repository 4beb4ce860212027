#!/usr/bin/python3
"""Makes frames.json: KV event messages of every wire generation, packed by python3-msgpack and sent through libzmq by python3-zmq.

Needs Debian's python3-zmq and python3-msgpack. Each entry has the frames as they came out of a SUB socket, and what they mean.
"""
import json
import pathlib
import tempfile

import msgpack
import zmq

BIG = 16300212363532267629  # beyond 2^63: on the wire unsigned, in Java the same 64 bits
DIGEST = bytes(range(32))


def signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def stored(hashes, tokens, parent=None, block=4, tier="DEVICE", lora="", salt="", extras=None, group=-1, full=True):
    return {"stored": {"hashes": [signed(h) if isinstance(h, int) else {"bytes": h.hex()} for h in hashes],
                       "parent": signed(parent) if isinstance(parent, int) else parent, "tokens": tokens, "block": block, "tier": tier,
                       "lora": lora, "salt": salt, "extras": extras or [False] * len(hashes), "group": group, "full": full}}


def removed(hashes, tier="DEVICE", group=-1):
    return {"removed": {"hashes": [signed(h) for h in hashes], "tier": tier, "group": group}}


T4, T8 = [1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8]
CLEARED = {"cleared": {}}
CASES = [
    ("sglang A: an array that ends at lora_id", [["BlockStored", [11, 12], None, T8, 4, None]], [stored([11, 12], T8)]),
    ("sglang B: with a medium", [["BlockStored", [-5], 11, T4, 4, None, "GPU"], ["BlockRemoved", [-5], "GPU"], ["AllBlocksCleared"]],
     [stored([-5], T4, 11), removed([-5]), CLEARED]),
    ("sglang B: host and disk", [["BlockStored", [1], None, T4, 4, None, "CPU_PINNED"], ["BlockStored", [2], 1, T4, 4, None, "DISK"],
                                 ["BlockStored", [3], None, T4, 4, None, "EXTERNAL"], ["BlockRemoved", [1], "CPU_PINNED"]],
     [stored([1], T4, tier="HOST"), stored([2], T4, 1, tier="DISK"), stored([3], T4, tier="DISK"), removed([1], "HOST")]),
    ("sglang C: coalesced, with a map of metadata", [["BlockStored", [1, 2], None, T8, 4, None, "GPU", {"cache_salt": "s", "session_id": "x"}]],
     [stored([1, 2], T8, salt="s")]),
    ("sglang D: maps", [{"type": "BlockStored", "block_hashes": [1, 2], "parent_block_hash": None, "token_ids": T8, "block_size": 4, "lora_id": None,
                         "medium": "GPU", "cache_salt": "salt", "lora_name": "adapter"}, {"type": "BlockRemoved", "block_hashes": [2]},
                        {"type": "AllBlocksCleared"}],
     [stored([1, 2], T8, lora="adapter", salt="salt"), removed([2]), CLEARED]),
    ("sglang: bigrams of EAGLE", [["BlockStored", [7], None, [[1, 2], [2, 3], [3, 4], [4, 5]], 4, None, "GPU"]], [stored([7], T4)]),
    ("sglang: a last page that is not full", [["BlockStored", [7, 8], None, [1, 2, 3, 4, 5, 6], 4, None, "GPU"]], [stored([7], [1, 2, 3, 4, 5, 6])]),
    ("vllm: an array up to the medium", [["BlockStored", [123, BIG], None, T8, 4, None, "GPU"]], [stored([123, BIG], T8)]),
    ("vllm: an array with a LoRA name", [["BlockStored", [1], None, T4, 4, 3, "GPU", "adapter"]], [stored([1], T4, lora="adapter")]),
    ("vllm: a LoRA id without a name", [["BlockStored", [1], None, T4, 4, 3, "GPU", None]], [stored([1], T4, lora="#3")]),
    ("vllm: an array with extra keys and a group", [["BlockStored", [1, 2], None, T8, 4, None, "GPU", None, [["salt-a"], None], 0, "full_attention"]],
     [stored([1, 2], T8, salt="salt-a", group=0)]),
    ("vllm: a sliding window", [["BlockStored", [1], None, T4, 4, None, "GPU", None, None, 1, "sliding_window", 4096]],
     [stored([1], T4, group=1, full=False)]),
    ("vllm: maps", [{"type": "BlockStored", "block_hashes": [BIG], "parent_block_hash": 123, "token_ids": T4, "block_size": 4, "lora_id": None,
                     "medium": "CPU", "lora_name": None, "extra_keys": None, "group_idx": 0, "kv_cache_spec_kind": "full_attention"},
                    {"type": "BlockRemoved", "block_hashes": [BIG], "medium": "CPU", "group_idx": 0}],
     [stored([BIG], T4, 123, tier="HOST", group=0), removed([BIG], "HOST", 0)]),
    ("vllm: hashes as bytes", [{"type": "BlockStored", "block_hashes": [DIGEST], "parent_block_hash": None, "token_ids": T4, "block_size": 4,
                                "lora_id": None, "medium": "GPU", "lora_name": None}], [stored([DIGEST], T4)]),
    ("vllm: an image in the second block", [{"type": "BlockStored", "block_hashes": [1, 2], "parent_block_hash": None, "token_ids": T8, "block_size": 4,
                                             "lora_id": None, "medium": "GPU", "lora_name": "l", "extra_keys": [["l", "salt"], ["l", ["image", 3]]]}],
     [stored([1, 2], T8, lora="l", salt="salt", extras=[False, True])]),
    ("vllm: blocks elsewhere", [{"type": "BlockStored", "block_hashes": [1], "parent_block_hash": None, "token_ids": T4, "block_size": 4, "lora_id": None,
                                 "medium": "STORAGE", "lora_name": None, "locality": "REMOTE"}], []),
    ("dynamo: block_mm_infos before the group", [["BlockStored", [1], None, T4, 4, None, "GPU", None, None, [None], 2, "full_attention"]],
     [stored([1], T4, group=2)]),
    ("a kind of event to come", [["BlockMoved", [1], "GPU", "CPU"], {"type": "BlockPinned", "x": {"deep": [1, [2, {}]]}}, ["AllBlocksCleared"]], [CLEARED]),
    ("members to come", [{"type": "BlockRemoved", "block_hashes": [9], "medium": None, "why": ["lru", 1.5], "deep": {"a": [1, 2]}},
                         ["BlockRemoved", [9], "GPU", 0, "LOCAL", {"more": 1}, 3.5]], [removed([9]), removed([9], group=0)]),
]


def main():
    context = zmq.Context()
    folder = tempfile.mkdtemp()
    publisher, subscriber = context.socket(zmq.PUB), context.socket(zmq.SUB)
    publisher.bind(f"ipc://{folder}/kv")
    subscriber.connect(f"ipc://{folder}/kv")
    subscriber.subscribe(b"")
    while not subscriber.poll(50):
        publisher.send(b"warm")
    while subscriber.poll(100):
        subscriber.recv()
    out = []
    for number, (name, events, meaning) in enumerate(CASES):
        batch = [1.5, events, 0] if number % 2 else [1.5, events]
        publisher.send_multipart([b"kv@w1@m", number.to_bytes(8, "big"), msgpack.packb(batch, use_bin_type=True)])
        out.append({"name": name, "frames": [frame.hex() for frame in subscriber.recv_multipart()], "meaning": meaning})
    target = pathlib.Path(__file__).parent / "frames.json"
    target.write_text(json.dumps(out, indent=1) + "\n")
    print(f"{len(out)} messages in {target}; pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}, msgpack {msgpack.version}")


main()
