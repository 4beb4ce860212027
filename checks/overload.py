#!/usr/bin/env python3
"""Three times the load that a fleet can serve, for a minute, as an open loop: what is served, how the rest is refused, and what is left after it.

A broker, a gateway and two workers with the sim engine, each a process of its own; two tenants, of which one is greedy. Needs `./baton build` and
nothing else. Options: --seconds N (60), --factor F (3), --json FILE.
"""
import argparse
import asyncio
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.request

from common import ROOT, Processes, free_port, need, wait_for

TOKENS = 40
STEP_MS = 25
RUNNING = 8
WORKERS = 2
GREEDY, MODEST = "greedy", "modest"


def capacity_per_second():
    """What the sim engine can do at most: every place of every worker busy with decode steps."""
    seconds = (TOKENS * STEP_MS + 10) / 1000
    return WORKERS * RUNNING / seconds


class Result:
    def __init__(self, tenant, start):
        self.tenant, self.start = tenant, start
        self.status = self.first = self.end = 0
        self.retry_after = ""
        self.whole = False


async def ask(port, key, result):
    body = json.dumps({"model": "sim", "stream": True, "max_tokens": TOKENS, "ignore_eos": True, "prompt": [1, 2, 3, 4, 5, 6, 7, 8]}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        writer.write(
            b"POST /v1/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n"
            + f"authorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        result.status = int(head.split(" ", 2)[1])
        for line in head.split("\r\n"):
            if line.lower().startswith("retry-after:"):
                result.retry_after = line.split(":")[1].strip()
        while line := await reader.readline():
            if line.startswith(b"data: "):
                result.first = result.first or time.monotonic()
                result.whole = result.whole or line.startswith(b"data: [DONE]")
        result.end = time.monotonic()
    except (OSError, asyncio.IncompleteReadError) as e:
        result.end = time.monotonic()
        result.retry_after = repr(e)
    finally:
        writer.close()


async def load(port, rates, keys, seconds, samples=None, sample=None):
    """An open loop: requests start when their time has come, whatever became of those before."""
    results, tasks = [], []
    begin = time.monotonic()
    due = {tenant: begin for tenant in rates}
    next_sample = begin
    while (now := time.monotonic()) < begin + seconds:
        for tenant, rate in rates.items():
            while rate and due[tenant] <= now:
                due[tenant] += 1 / rate
                result = Result(tenant, time.monotonic())
                results.append(result)
                tasks.append(asyncio.create_task(ask(port, keys[tenant], result)))
        if sample and now >= next_sample:
            next_sample = now + 1
            samples.append(sample())
        await asyncio.sleep(0.002)
    await asyncio.gather(*tasks)
    return results


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))] if values else float("nan")


def ttfts(results, tenant=None):
    return [r.first - r.start for r in results if r.status == 200 and r.first and tenant in (None, r.tenant)]


def resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def report(name, passed, text):
    print(("ok      " if passed else "FAILED  ") + name + ": " + text)
    return passed


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--factor", type=float, default=3)
    options.add_argument("--json")
    args = options.parse_args()
    with Processes() as run:
        port, broker = free_port(), free_port()
        nats = os.environ.get("BATON_NATS_SERVER") or need("nats-server")
        run.start("broker", [nats, "-a", "127.0.0.1", "-p", str(broker)])
        baton = os.environ.get("BATON_COMMAND", str(ROOT / "standalone/target/dist/bin/baton"))
        keys = {}
        file = run.folder / "keys.yaml"
        entries = []
        for tenant in (GREEDY, MODEST):
            keys[tenant], entry = new_key(baton, tenant)
            entries.append(entry)
        file.write_text("keys:\n" + "".join(entries))
        common = ["--set", f"nats.servers=nats://127.0.0.1:{broker}"]
        gateway = run.start(
            "gateway", [baton, "gateway", *common, "--set", f"server.port={port}", "--set", f"auth.keys_file={file}",
            "--set", f"models=[{{name: sim, path: '{ROOT}/models/baton-demo'}}]", "--set", "trace.level=1", "--set", "trace.ratio=0",
            "--set", "admission.max_waiting=32"],
        )
        for i in range(WORKERS):
            run.start(
                f"worker-{i}", [baton, "worker", *common, "--set", f"id=worker-{i}", "--set", "engine=sim", "--set", "models=[sim]",
                "--set", f"builtin.max_running={RUNNING}", "--set", f"builtin.sim.decode_base={STEP_MS}ms",
                "--set", "builtin.sim.decode_per_request=0us", "--set", "builtin.sim.prefill_base=1ms"],
            )
        wait_for("workers that take requests", lambda: routable(port) == WORKERS, 90)
        figures, good = asyncio.run(trial(args, port, keys, gateway.pid))
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(figures, indent=2))
    sys.exit(0 if good else 1)


def new_key(baton, name):
    """A key and its entry for the file of keys, by Baton's own command."""
    made = subprocess.run([baton, "keys", "new", name], capture_output=True, text=True, check=True)
    return made.stderr.split()[-1], made.stdout


def routable(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
        pools = json.load(answer)["pools"]
    return sum(worker["routable"] for pool in pools for worker in pool["workers"])


async def trial(args, port, keys, pid):
    capacity = capacity_per_second()
    print(f"capacity {capacity:.1f} requests/s; {args.factor:g} times that for {args.seconds} s")
    await load(port, {GREEDY: capacity / 2}, keys, 5)  # The JIT compiles what runs.
    alone = await load(port, {MODEST: capacity / 4}, keys, 15)
    idle_mb = resident_mb(pid)
    rates = {GREEDY: capacity * (args.factor - 0.25), MODEST: capacity / 4}
    samples = []
    begin = time.monotonic()
    results = await load(port, rates, keys, args.seconds, samples, lambda: resident_mb(pid))
    served = [r for r in results if r.status == 200 and r.whole]
    within = [r for r in served if r.end <= begin + args.seconds]
    refused = [r for r in results if r.status != 200]
    late = [r for r in results if r.status == 200 and not r.whole]
    refusal_ms = [1000 * (r.end - r.start) for r in refused]
    after = await load(port, {MODEST: capacity / 4}, keys, 5)
    alone_p99, modest_p99, after_p99 = (quantile(ttfts(r, MODEST), 0.99) for r in (alone, results, after))
    third = len(samples) // 3
    figures = {
        "capacity_per_second": capacity, "offered": len(results), "served": len(served), "served_share_of_capacity": len(within) / (capacity * args.seconds),
        "refused": len(refused), "refusal_ms_p50": quantile(refusal_ms, 0.5), "refusal_ms_p99": quantile(refusal_ms, 0.99),
        "statuses": {str(s): sum(r.status == s for r in results) for s in sorted({r.status for r in results})},
        "retry_after": sorted({r.retry_after for r in refused}),
        "ttft_p50_s": quantile(ttfts(results), 0.5), "ttft_p99_s": quantile(ttfts(results), 0.99),
        "modest_alone_ttft_p99_s": alone_p99, "modest_ttft_p99_s": modest_p99, "after_ttft_p99_s": after_p99,
        "modest_served": sum(r.tenant == MODEST for r in served), "modest_asked": sum(r.tenant == MODEST for r in results),
        "memory_mb": [idle_mb, statistics.mean(samples[third:2 * third]), statistics.mean(samples[2 * third:])],
    }
    print(json.dumps(figures, indent=2))
    good = [
        report("served", figures["served_share_of_capacity"] >= 0.9, f"{100 * figures['served_share_of_capacity']:.1f} % of capacity within the time"),
        report("refused", all(r.status in (429, 503) and r.retry_after.isdigit() for r in refused) and figures["refusal_ms_p99"] <= 50,
               f"{len(refused)}, all 429 or 503 with Retry-After, p99 {figures['refusal_ms_p99']:.1f} ms"),
        report("cut", not late, f"{len(late)} streams were cut"),
        report("first token", figures["ttft_p99_s"] < 10, f"p99 of the admitted {figures['ttft_p99_s']:.2f} s"),
        report("memory", figures["memory_mb"][2] < 1.15 * figures["memory_mb"][1], "MB idle, second and last third: " + ", ".join(f"{m:.0f}" for m in figures["memory_mb"])),
        report("after", after_p99 <= 1.5 * alone_p99 + 0.02, f"p99 of the first token {1000 * after_p99:.0f} ms, {1000 * alone_p99:.0f} ms before"),
        report("fair", modest_p99 <= 1.5 * alone_p99, f"the modest tenant's p99 of the first token {1000 * modest_p99:.0f} ms, {1000 * alone_p99:.0f} ms alone"),
    ]
    return figures, all(good)


if __name__ == "__main__":
    main()
