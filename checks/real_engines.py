#!/usr/bin/env python3
"""Real SGLang and vLLM on the CPU behind Baton, one after the other: the promises of ForeignEnginesTest, asked of the real servers.

real_engines.py [vllm] [vllm-pair] [sglang] [sglang-pair] [vllm-untraced] [sglang-untraced] [vllm-pooling]; all if none is named.
Status 77 if an engine is not installed. BATON_TURNS: requests whose predicted hits are compared (200).
"""
import os
import random
import sys
import time
import traceback

import engine_promises as promises
import engine_servers as servers
from common import Jaeger, Processes, free_port, start_baton

TURNS = int(os.environ.get("BATON_TURNS", "200"))
FORMS = os.environ.get("BATON_FORMS", "openai,tokens").split(",")
failures = []
# One sequence for all runs, so that none repeats another's prompts.
random.seed(5)
OWN_SPANS = {"vllm": ["llm_request"], "sglang": ["Req ", "Scheduler", "prefill_forward", "decode_forward", "decode_loop"]}


def baton(processes, jaeger, kind, where, form, traced=True):
    # vLLM cannot be asked whether it makes spans.
    told = ["--worker-set", f"server.tracing={str(traced).lower()}"] if kind == "vllm" else []
    return start_baton(
        processes,
        ["--engine", kind, *where, "--model", servers.MODEL, "--served-model-name", servers.NAME, "--worker-set", f"api={form}", *told],
        {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{jaeger.http}"})


def start(processes, jaeger, kind, name, traced):
    return getattr(servers, kind)(processes, jaeger, name, traced=traced).await_ready()


def keep(promise, *arguments):
    """Goes on after a broken promise, since an engine takes minutes to start; the status tells in the end."""
    try:
        return promise(*arguments)
    except (Exception, SystemExit) as broken:
        failures.append(promise.__name__)
        print(f"  BROKEN: {promise.__name__}: {broken!r}"[:600], flush=True)
        traceback.print_exc(limit=-2)
        return None


def aggregated(kind, processes, jaeger):
    engine = start(processes, jaeger, kind, kind, True)
    for form in FORMS:
        print(f"{kind}, {form} form:", flush=True)
        with Processes() as inner:
            url = baton(inner, jaeger, kind, ["--url", engine.url], form)
            keep(promises.texts_are_the_engines_own, url, engine.url)
            keep(promises.one_trace, url, jaeger, OWN_SPANS[kind])
            keep(promises.a_cancel_frees_the_engine, url, [engine])
            if form == "openai":
                keep(promises.everything_else_is_unchanged, url, engine.url)
            keep(promises.predictions_are_the_engines_hits, url, jaeger, engine.block, TURNS)


def untraced(kind, processes, jaeger):
    engine = start(processes, jaeger, kind, kind, False)
    for form in FORMS:
        print(f"{kind} without tracing, {form} form:", flush=True)
        with Processes() as inner:
            keep(promises.spans_are_synthesised, baton(inner, jaeger, kind, ["--url", engine.url], form, False), jaeger)


def pair(kind, processes, jaeger):
    if kind == "vllm":
        prefill, decode = (servers.vllm(processes, jaeger, f"vllm-{role}", pair=True) for role in ("prefill", "decode"))
        spans = ["prefill_routing", "llm_request"]
    else:
        bootstrap = free_port()
        prefill, decode = (servers.sglang(processes, jaeger, f"sglang-{role}", role, bootstrap) for role in ("prefill", "decode"))
        spans = ["prefill Req", "decode Req", "prefill_forward", "decode_forward"]
    prefill.await_ready()
    decode.await_ready()
    # A prefill or decode server of SGLang answers nobody alone; what it would say, one that does both says.
    alone = prefill if kind == "vllm" else start(processes, jaeger, kind, "sglang-alone", False)
    for form in FORMS:
        print(f"{kind} as prefill and decode, {form} form:", flush=True)
        with Processes() as inner:
            url = baton(inner, jaeger, kind, ["--prefill-url", prefill.url, "--decode-url", decode.url], form)
            keep(promises.texts_are_the_engines_own, url, alone.url)
            trace = keep(promises.one_trace, url, jaeger, spans)
            if trace and kind == "sglang":
                keep(promises.legs_hang_below_payloads, trace, ["prefill Req", "decode Req"])
            if kind == "vllm":
                print("  bytes moved by NIXL, as the decode engine says:", decode.metric("vllm:nixl_bytes_transferred_sum"))
            keep(promises.a_cancel_frees_the_engine, url, [prefill, decode])
            if form == FORMS[-1]:
                keep(promises.a_killed_decode_engine_ends_its_answers, url, decode)


def pooling(kind, processes, jaeger):
    """The same weights as a model of embeddings."""
    engine = servers.vllm(processes, jaeger, "vllm-pooling", more=["--runner", "pooling", "--convert", "embed"]).await_ready()
    print("vllm with --runner pooling, openai form:", flush=True)
    with Processes() as inner:
        url = baton(inner, jaeger, kind, ["--url", engine.url], "openai")
        keep(promises.everything_else_is_unchanged, url, engine.url, ["embeddings", "rerank", "score", "tokenize"])


def one(wanted):
    kind, _, how = wanted.partition("-")
    begin = time.monotonic()
    with Processes() as processes:
        jaeger = Jaeger(processes)
        {"": aggregated, "pair": pair, "untraced": untraced, "pooling": pooling}[how](kind, processes, jaeger)
    print(f"done: {wanted} ({time.monotonic() - begin:.0f} s)", flush=True)


for wanted in sys.argv[1:] or ["vllm", "vllm-pair", "vllm-untraced", "vllm-pooling", "sglang", "sglang-pair", "sglang-untraced"]:
    one(wanted)
print("BROKEN: " + ", ".join(failures) if failures else "every promise kept")
sys.exit(1 if failures else 0)
