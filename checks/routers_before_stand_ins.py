#!/usr/bin/env python3
"""An independent judge of `baton fake-sglang`: other people's routers in their prefill-decode mode before a pair of stand-ins.

Needs a Python with the packages sglang-router and smg, named in BATON_ROUTERS_PYTHON.
"""
import json
import os
import pathlib
import subprocess
import sys

from common import ROOT, Processes, did_not_run, free_port, get, wait_for
from engine_promises import QUESTION, chat, post, text

python = os.environ.get("BATON_ROUTERS_PYTHON", sys.executable)
if subprocess.run([python, "-c", "import sglang_router"], capture_output=True).returncode:
    did_not_run(f"{python} has no package sglang-router; name a Python that has it in BATON_ROUTERS_PYTHON")
smg = pathlib.Path(python).parent / "smg"
MODEL = str(ROOT / "models/baton-demo")
BATON = os.environ.get("BATON_COMMAND", str(ROOT / "baton"))
LONG = {"max_tokens": 200, "ignore_eos": True}


def stand_in(processes, name, *arguments):
    port = free_port()
    processes.start(name, [BATON, "fake-sglang", f"--port={port}", f"--model={MODEL}", *arguments])
    return wait_for(name, lambda: get(f"http://127.0.0.1:{port}/v1/models") and f"http://127.0.0.1:{port}", 120)


def streamed(base, body):
    with post(base + "/v1/chat/completions", {**body, "stream": True}) as answer:
        lines = answer.read().decode().split("\n")
    assert "data: [DONE]" in lines, lines[-5:]
    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    return "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"])


with Processes() as processes:
    bootstrap = str(free_port())
    alone = stand_in(processes, "alone")
    prefill = stand_in(processes, "prefill", "--mode=prefill", f"--disaggregation-bootstrap-port={bootstrap}")
    decode = stand_in(processes, "decode", "--mode=decode")
    expected = text(chat(alone, QUESTION, **LONG)[1])
    body = {"model": "baton-demo", "messages": QUESTION, "temperature": 0, **LONG}
    for name, command in (("sglang-router", [python, "-m", "sglang_router.launch_router"]), ("smg", [str(smg), "launch"])):
        with Processes() as inner:
            port = free_port()
            inner.start(name, [*command, "--host", "127.0.0.1", "--port", str(port), "--prometheus-host", "127.0.0.1", "--prometheus-port", str(free_port()),
                               "--pd-disaggregation", "--prefill", prefill, bootstrap, "--decode", decode, "--policy", "round_robin"])
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{name} answers", lambda: text(chat(url, QUESTION, **LONG)[1]) == expected, 120)
            for _ in range(20):
                assert text(chat(url, QUESTION, **LONG)[1]) == expected
                assert streamed(url, body) == expected
            stream = post(url + "/v1/chat/completions", {**body, "max_tokens": 20_000, "stream": True})
            stream.readline()
            stream.close()
            loads = lambda: [get(f"{u}/v1/loads")["loads"][0] for u in (prefill, decode)]
            wait_for("both stand-ins are idle", lambda: all(load["num_running_reqs"] == 0 and load["num_used_tokens"] == 0 for load in loads()), 60)
            print(f"{name}: 41 answers of a pair equal to one stand-in's own, unary and streamed; a client that left frees both")
