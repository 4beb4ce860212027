#!/usr/bin/env python3
"""A disaggregated request of the built-in engine, read back from a real Jaeger."""
import json
import urllib.request

from common import Jaeger, Processes, check_whole, need, show, start_baton

need("jaeger")
with Processes() as processes:
    jaeger = Jaeger(processes)
    baton = start_baton(
        processes,
        ["--gateway-set", "trace.level=3"],
        {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{jaeger.http}"},
    )
    question = {"model": "baton-demo", "messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0, "stream": True}
    for attempt in ("to warm the JVMs up", "the one to look at"):
        request = urllib.request.Request(baton + "/v1/chat/completions", json.dumps(question).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            trace_id = answer.headers["x-trace-id"]
            text = "".join(
                json.loads(line[6:])["choices"][0]["delta"].get("content", "")
                for line in answer.read().decode().split("\n")
                if line.startswith("data: {")
            )
    print("answer:", text)
    assert "Paris" in text
    wanted = {"http-request", "decode_forward", "prefill_transfer_kv_cache", "client.flush"}
    trace = jaeger.trace(trace_id, lambda names: wanted <= names)
    check_whole(trace)
    show(trace)
