#!/usr/bin/env python3
"""How many KV blocks a second an agent takes from ZMQ bytes to its KV subject, per core: blocks by the CPU time of its process.

Needs a Python with pyzmq and msgspec (BATON_ZMQ_PYTHON, or this one). CPU time, so that it says the same on a busy machine.
"""
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from common import ROOT, Processes, did_not_run, free_port, need, wait_for

try:
    import msgspec
    import zmq
except ImportError:
    python = os.environ.get("BATON_ZMQ_PYTHON")
    if not python or os.path.abspath(python) == sys.executable:
        did_not_run("no Python with pyzmq and msgspec; name one in BATON_ZMQ_PYTHON")
    os.execv(python, [python, *sys.argv])

BLOCK, BLOCKS_A_MESSAGE, MESSAGES, KEPT = 16, 256, 4_000, 400
WARM_UP = 1_500
events_port, http_port, system_port, nats_port = free_port(), free_port(), free_port(), free_port()


class Vllm(BaseHTTPRequestHandler):
    """What an agent asks a vLLM when it starts."""

    def do_GET(self):
        answers = {
            "/v1/models": json.dumps({"data": [{"id": "m", "max_model_len": 100_000}]}),
            "/version": '{"version":"0.32.0"}',
            "/kv_event_sources": json.dumps({"0": {"enable_kv_cache_events": True, "publisher": "zmq", "endpoint": f"tcp://127.0.0.1:{events_port}", "topic": ""}}),
            "/metrics": f'vllm:cache_config_info{{block_size="{BLOCK}",num_gpu_blocks="1000000",engine="0"}} 1.0\n'}
        body = answers.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


def message(number):
    """As vLLM writes it: a sequence's blocks, and those of an earlier one that went for them."""
    first = number * BLOCKS_A_MESSAGE + 1
    tokens = [(first * 7 + i * 31) % 150_000 for i in range(BLOCKS_A_MESSAGE * BLOCK)]
    stored = {"type": "BlockStored", "block_hashes": [hash_of(first + i) for i in range(BLOCKS_A_MESSAGE)], "parent_block_hash": None, "token_ids": tokens,
              "block_size": BLOCK, "lora_id": None, "medium": "GPU", "lora_name": None}
    batch = [stored]
    if number >= KEPT:
        gone = (number - KEPT) * BLOCKS_A_MESSAGE + 1
        batch.append({"type": "BlockRemoved", "block_hashes": [hash_of(gone + i) for i in range(BLOCKS_A_MESSAGE)], "medium": "GPU"})
    return msgspec.msgpack.encode([time.time(), batch, 0])


def hash_of(number):
    return number * 0x9E3779B97F4A7C15 % (1 << 64)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def metric(name):
    with urllib.request.urlopen(f"http://127.0.0.1:{system_port}/metrics", timeout=20) as answer:
        return sum(float(line.rsplit(" ", 1)[1]) for line in answer.read().decode().split("\n") if line.startswith((name + "{", name + " ")))


def send(publisher, messages, first):
    """Not faster than the agent reads, or the socket would drop some."""
    for number, payload in enumerate(messages, first):
        publisher.send_multipart([b"", number.to_bytes(8, "big"), payload])
        if number % 500 == 499:
            wait_for("the agent has read", lambda n=number: metric("baton_engine_kv_messages_total") > n - 400, 120)
    wait_for("the agent has read all", lambda: metric("baton_engine_kv_messages_total") >= first + len(messages), 120)


with Processes() as processes:
    server = ThreadingHTTPServer(("127.0.0.1", http_port), Vllm)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    processes.start("nats", [os.environ.get("BATON_NATS_SERVER") or need("nats-server"), "-a", "127.0.0.1", "-p", str(nats_port)])
    publisher = zmq.Context().socket(zmq.PUB)
    publisher.set_hwm(100_000)
    agent = processes.start("agent", [
        os.environ.get("BATON_COMMAND", str(ROOT / "baton")), "worker", "--set", "id=w1", "--set", "engine=vllm", "--set", "models=[m]",
        "--set", f"nats.servers=[nats://127.0.0.1:{nats_port}]", "--set", f"server.url=http://127.0.0.1:{http_port}", "--set", f"system.port={system_port}"])
    wait_for("the agent listens", lambda: metric("baton_engine_kv_messages_total") == 0 or True, 120)
    publisher.connect(f"tcp://127.0.0.1:{events_port}")
    time.sleep(2)
    packed = [message(number) for number in range(WARM_UP + MESSAGES)]
    send(publisher, packed[:WARM_UP], 0)
    pid = int(subprocess.run(["pgrep", "-s", str(agent.pid), "java"], capture_output=True, text=True).stdout.split()[0])
    distrusts = metric("baton_engine_kv_distrusts_total")
    before, begin = cpu_seconds(pid), time.monotonic()
    send(publisher, packed[WARM_UP:], WARM_UP)
    used, wall = cpu_seconds(pid) - before, time.monotonic() - begin
    blocks = MESSAGES * BLOCKS_A_MESSAGE
    assert metric("baton_engine_kv_distrusts_total") == distrusts, "the agent lost events"
    print(f"{blocks} blocks stored and as many removed, {sum(map(len, packed[WARM_UP:])) / 1e6:.0f} MB of ZMQ, in {used:.2f} s CPU ({wall:.1f} s on the wall): "
          f"{blocks / used / 1e6:.2f} M blocks stored a second and core")
