"""What the checks share: processes that are stopped again, free ports, and traces read back from Jaeger."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
DID_NOT_RUN = 77

# A check that is told to stop stops what it started.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def did_not_run(why):
    print("DID NOT RUN:", why)
    sys.exit(DID_NOT_RUN)


def need(*names):
    """The first of some programs that is on the PATH."""
    for name in names:
        if shutil.which(name):
            return shutil.which(name)
    did_not_run("none of " + ", ".join(names) + " is on the PATH")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def wait_for(what, condition, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError, ValueError):
            result = condition()
            if result:
                return result
        time.sleep(0.3)
    raise SystemExit(f"FAILED: {what} within {seconds} s")


class Processes(contextlib.ExitStack):
    """Starts programs and stops each, with its children, at the end."""

    def __init__(self):
        super().__init__()
        # Short: the paths of sockets are limited to 107 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="baton-check-"))

    def start(self, name, argv, env=None):
        log = open(self.folder / f"{name}.log", "w")
        process = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})}, start_new_session=True)
        self.callback(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(45)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


JAEGER = """
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines: {{traces: {{receivers: [otlp], processors: [batch], exporters: [jaeger_storage_exporter]}}}}
  telemetry: {{metrics: {{level: none}}}}
extensions:
  jaeger_query: {{storage: {{traces: m}}, http: {{endpoint: "127.0.0.1:{query}"}}, grpc: {{endpoint: "127.0.0.1:{query_grpc}"}}}}
  jaeger_storage: {{backends: {{m: {{memory: {{max_traces: 10000}}}}}}}}
receivers: {{otlp: {{protocols: {{grpc: {{endpoint: "127.0.0.1:{grpc}"}}, http: {{endpoint: "127.0.0.1:{http}"}}}}}}}}
processors: {{batch: {{timeout: 200ms}}}}
exporters: {{jaeger_storage_exporter: {{trace_storage: m}}}}
"""


class Jaeger:
    def __init__(self, processes):
        self.query, self.grpc, self.http = free_port(), free_port(), free_port()
        config = processes.folder / "jaeger.yaml"
        config.write_text(JAEGER.format(query=self.query, query_grpc=free_port(), grpc=self.grpc, http=self.http))
        processes.start("jaeger", [need("jaeger"), "--config", str(config)])
        wait_for("Jaeger answers", lambda: get(f"http://127.0.0.1:{self.query}/api/services"), 60)

    def trace(self, trace_id, complete):
        """A trace, once it is complete and has stopped growing."""

        def settled():
            data = get(f"http://127.0.0.1:{self.query}/api/traces/{trace_id}")["data"]
            return data and complete({s["operationName"] for s in data[0]["spans"]}) and data[0]

        first = wait_for("the trace is complete", settled, 60)
        time.sleep(3)
        later = get(f"http://127.0.0.1:{self.query}/api/traces/{trace_id}")["data"][0]
        return later if len(later["spans"]) >= len(first["spans"]) else first


def parent(span):
    return next((r["spanID"] for r in span["references"] if r["refType"] == "CHILD_OF"), "")


def check_whole(trace):
    ids = {s["spanID"] for s in trace["spans"]}
    roots = [s for s in trace["spans"] if parent(s) not in ids]
    warnings = [w for s in trace["spans"] for w in (s.get("warnings") or [])] + (trace.get("warnings") or [])
    # Engines stamp their spans' ends when an answer is already with its reader: no matter of the trace's shape.
    warnings = [w for w in warnings if not w.startswith("clock skew adjustment disabled")]
    assert len(roots) == 1, f"roots: {[s['operationName'] for s in roots]}"
    if warnings:
        show(trace)
    assert not warnings, warnings
    print(f"Jaeger: {len(trace['spans'])} spans, one root, no warning")


def show(trace):
    """The trace as a tree: name, service, start and duration in ms; runs of decode_loop as one line."""
    children = {}
    for span in sorted(trace["spans"], key=lambda s: (s["startTime"], -s["duration"])):
        children.setdefault(parent(span), []).append(span)
    ids = {s["spanID"] for s in trace["spans"]}
    root = next(s for s in trace["spans"] if parent(s) not in ids)
    begin = root["startTime"]

    def line(span, depth, more=0):
        service = trace["processes"][span["processID"]]["serviceName"]
        name = "  " * depth + span["operationName"] + (f" (x {more + 1})" if more else "")
        print(f"{name:<72.72} {service:<24} {(span['startTime'] - begin) / 1000:9.2f} {span['duration'] / 1000:9.2f}")

    def walk(span, depth):
        line(span, depth)
        below = children.get(span["spanID"], [])
        loops = [s for s in below if s["operationName"] == "decode_loop"]
        for child in below:
            if child in loops[1:]:
                continue
            if loops and child is loops[0]:
                line(child, depth + 1, len(loops) - 1)
            else:
                walk(child, depth + 1)

    print(f"{'span':<72} {'service':<24} {'start ms':>9} {'ms':>9}")
    walk(root, 0)


def start_baton(processes, arguments, env):
    port = free_port()
    # BATON_COMMAND: another build than this checkout's.
    processes.start("baton", [os.environ.get("BATON_COMMAND", str(ROOT / "baton")), "up", "--port", str(port), *arguments], env)
    wait_for("a model can be served", lambda: get(f"http://127.0.0.1:{port}/ready"), 300)
    return f"http://127.0.0.1:{port}"
