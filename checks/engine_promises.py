"""What Baton promises in front of a real engine, each as one function that fails or prints what it saw."""
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from common import check_whole, get, parent, wait_for

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
WORDS = "the quick brown fox jumps over a lazy dog while seven wizards bake bread near old river stones".split()
PATIENCE = 60

CHAT = """
import sys, openai
client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none")
chunks = list(client.chat.completions.create(model="baton-demo", messages=[{"role": "user", "content": "What is the capital of France?"}],
                                             temperature=0, max_tokens=24, stream=True, stream_options={"include_usage": True}))
print("".join(c.choices[0].delta.content or "" for c in chunks if c.choices), end="")
"""


def post(url, body, timeout=120):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    return urllib.request.urlopen(request, timeout=timeout)


def ask(base, path, body):
    """The status and the JSON of an answer, errors included."""
    try:
        with post(base + path, body) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def chat(base, messages, **more):
    with post(base + "/v1/chat/completions", {"model": "baton-demo", "messages": messages, "temperature": 0, "max_tokens": 24, **more}) as answer:
        return answer.headers.get("x-trace-id"), json.load(answer)


def text(answer):
    return answer["choices"][0]["message"]["content"]


def texts_are_the_engines_own(baton, own):
    """Unary, streamed, and streamed through OpenAI's client where there is one."""
    expected = text(chat(own, QUESTION)[1])
    assert expected, "the engine says nothing"
    assert text(chat(baton, QUESTION)[1]) == expected, "the answer is not the engine's own"
    with post(baton + "/v1/chat/completions", {"model": "baton-demo", "messages": QUESTION, "temperature": 0, "max_tokens": 24, "stream": True}) as stream:
        lines = stream.read().decode().split("\n")
    streamed = "".join(json.loads(x[6:])["choices"][0]["delta"].get("content") or "" for x in lines if x.startswith("data: {"))
    assert streamed == expected and "data: [DONE]" in lines, streamed
    python = os.environ.get("BATON_CLIENTS_PYTHON", sys.executable)
    client = subprocess.run([python, "-c", CHAT, baton], capture_output=True, text=True, timeout=180)
    if "No module named 'openai'" in client.stderr:
        print("  NOT RUN: the openai client (BATON_CLIENTS_PYTHON names a Python that has it)")
    else:
        assert client.stdout == expected, client.stdout + client.stderr
    print("  texts equal the engine's own:", expected)


def one_trace(baton, jaeger, wanted):
    """One root, no orphan, and spans whose names contain what is wanted."""
    trace_id, _ = chat(baton, QUESTION)
    trace = jaeger.trace(trace_id, lambda names: "http-request" in names and all(any(w in n for n in names) for w in wanted))
    check_whole(trace)
    return trace


def attribute(span, key):
    return next((t["value"] for t in span["tags"] if t["key"] == key), None)


def spans_are_synthesised(baton, jaeger):
    trace = one_trace(baton, jaeger, ["prefill_forward", "decode_forward"])
    marked = [s for s in trace["spans"] if attribute(s, "baton.synthesised_from")]
    print("  engine's tracing off, synthesised:", [(s["operationName"].strip(), attribute(s, "baton.synthesised_from")) for s in marked])
    assert marked


def legs_hang_below_payloads(trace, names):
    """Each engine span that a leg begins with hangs below a handle_payload of its own."""
    by_id = {s["spanID"]: s for s in trace["spans"]}

    def payload(span):
        while span and span["operationName"] != "handle_payload":
            span = by_id.get(parent(span))
        return span and span["spanID"]

    payloads = []
    for name in names:
        found = [s for s in trace["spans"] if name in s["operationName"]]
        assert found, f"no span {name}"
        payloads.append(payload(found[0]))
    assert None not in payloads and len(set(payloads)) == len(names), payloads
    print("  ", " and ".join(names), "hang below handle_payload spans of their own")


def overlap(trace, block):
    span = next(s for s in trace["spans"] if s["operationName"] == "kv_router.route_request")
    return block * int(attribute(span, "overlap_blocks"))


def predictions_are_the_engines_hits(baton, jaeger, block, turns):
    """Conversations of up to five turns that branch now and then; what the router predicted against usage.cached_tokens."""
    messages, seen, kept = [], [], []
    for _ in range(turns):
        if len(messages) > 8:
            kept = (kept + [messages])[-4:]
            messages = list(random.choice(kept)[: random.choice((0, 2, 4))])
        messages.append({"role": "user", "content": " ".join(random.choices(WORDS, k=random.randint(5, 25)))})
        trace_id, answer = chat(baton, messages, max_tokens=4)
        messages.append({"role": "assistant", "content": text(answer) or "x"})
        usage = answer["usage"]
        seen.append((trace_id, usage["prompt_tokens"], (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0))
        # A prediction is of what was published by then.
        time.sleep(0.3)
    right = 0
    for trace_id, prompt, cached in seen:
        found = overlap(wait_for("trace", lambda t=trace_id: (get(f"http://127.0.0.1:{jaeger.query}/api/traces/{t}")["data"] or [None])[0], 30), block)
        # The router says what is held; engines compute a prompt's last token even if all of it is.
        found = min(found, (prompt - 1) // block * block)
        right += found == cached
        if found != cached:
            print(f"  predicted {found}, cached {cached}")
    print(f"  {right} of {turns} predictions equal the engine's cached_tokens ({sum(s[2] for s in seen)} tokens in all)")
    assert right >= 0.99 * turns


def a_cancel_frees_the_engine(baton, servers):
    body = {"model": "baton-demo", "messages": QUESTION, "max_tokens": 1500, "ignore_eos": True, "stream": True}
    stream = post(baton + "/v1/chat/completions", body)
    assert stream.readline().startswith(b"data:")
    wait_for("the engine works on it", lambda: sum(s.requests() for s in servers) > 0, PATIENCE)
    stream.close()
    begin = time.monotonic()
    wait_for("the engine has let go", lambda: all(s.requests() == 0 for s in servers), PATIENCE)
    print(f"  left by the client, the engine's own metrics say nothing runs after {time.monotonic() - begin:.1f} s")


def outcome(answer):
    """What must be the same: all but ids, times and figures of this one run."""
    if isinstance(answer, dict):
        return {k: outcome(v) for k, v in answer.items() if k not in ("id", "created", "created_at", "completed_at", "model", "metrics", "metadata", "system_fingerprint",
                                                                        "prompt_tokens_details", "input_tokens_details", "kv_transfer_params", "e2e_latency")}
    return [outcome(a) for a in answer] if isinstance(answer, list) else answer


WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
PERSON = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 8}, "age": {"type": "integer", "minimum": 0, "maximum": 99}},
          "required": ["name", "age"], "additionalProperties": False}
ROUTES = {
    "tool call": ("/v1/chat/completions", {"messages": QUESTION, "temperature": 0, "max_tokens": 120, "tools": [WEATHER],
                                           "tool_choice": {"type": "function", "function": {"name": "weather"}}}),
    "json schema": ("/v1/chat/completions", {"messages": QUESTION, "temperature": 0, "max_tokens": 60,
                                             "response_format": {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON}}}),
    "responses": ("/v1/responses", {"input": "What is the capital of France?", "temperature": 0, "max_output_tokens": 16}),
    "messages": ("/v1/messages", {"messages": QUESTION, "temperature": 0, "max_tokens": 16}),
    "tokenize": ("/tokenize", {"prompt": "What is the capital of France?"}),
    "embeddings": ("/v1/embeddings", {"input": "What is the capital of France?"}),
    "rerank": ("/v1/rerank", {"query": "France", "documents": ["Paris", "Rome"]}),
    "score": ("/v1/score", {"text_1": "France", "text_2": ["Paris", "Rome"]}),
}


def everything_else_is_unchanged(baton, own, routes=()):
    """What the engine can do beside chat, refusals included."""
    for name, (path, body) in ROUTES.items():
        if routes and name not in routes:
            continue
        body = {"model": "baton-demo", **body}
        expected, got = ask(own, path, body), ask(baton, path, body)
        same = expected[0] == got[0] and (expected[0] >= 400 or outcome(expected[1]) == outcome(got[1]))
        shown = json.dumps(outcome(got[1]))[:150]
        print(f"  {name}: {got[0]} {'as the engine itself' if same else 'DIFFERS from ' + json.dumps(expected)[:300]}: {shown}")
        assert same, (expected, got)


def a_killed_decode_engine_ends_its_answers(baton, decode):
    """Nobody is left who could go on, so the client hears of an error, soon, and nothing hangs."""
    body = {"model": "baton-demo", "messages": QUESTION, "max_tokens": 1500, "ignore_eos": True, "stream": True}
    with post(baton + "/v1/chat/completions", body) as stream:
        assert stream.readline().startswith(b"data:")
        begin = time.monotonic()
        os.killpg(decode.process.pid, signal.SIGKILL)
        rest = stream.read().decode()
    last = [line for line in rest.split("\n") if line.startswith("data: {")][-1]
    assert '"error"' in last, last
    print(f"  decode engine killed: the client hears of it after {time.monotonic() - begin:.1f} s: {last[:160]}")
