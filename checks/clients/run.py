#!/usr/bin/env python3
"""The official clients of OpenAI and Anthropic against a fleet with the demo model: `./baton test --clients`."""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import ROOT, Processes, did_not_run, start_baton  # noqa: E402

MODEL = ROOT / "models/baton-demo"
MODELS = (
    "models=[{name: baton-demo, path: '%s', aliases: [gpt-4o], tool_parser: hermes},"
    " {name: nobody-serves-it, path: '%s'}]" % (MODEL, MODEL)
)


def python_with_clients():
    python = os.environ.get("BATON_CLIENTS_PYTHON", sys.executable)
    missing = subprocess.run([python, "-c", "import openai, anthropic, pydantic"], capture_output=True).returncode
    return None if missing else python


def node_with_clients():
    """A folder with node_modules/openai and node_modules/@anthropic-ai/sdk, and node itself."""
    folder = pathlib.Path(os.environ.get("BATON_CLIENTS_NODE", ROOT / "target/clients"))
    there = all((folder / "node_modules" / name).is_dir() for name in ("openai", "@anthropic-ai/sdk"))
    return folder if there and shutil.which("node") else None


def new_key(name):
    made = subprocess.run([str(ROOT / "baton"), "keys", "new", name], capture_output=True, text=True, check=True)
    return made.stderr.strip().splitlines()[-1], made.stdout.rstrip()


def keys_file(folder):
    """A key without limits, and one that is good for one request a minute."""
    free, free_line = new_key("free")
    limited, limited_line = new_key("limited")
    file = folder / "keys.yaml"
    file.write_text("keys:\n%s\n%s, requests_per_minute: 1}\n" % (free_line, limited_line.rstrip("}")))
    return file, {"BATON_KEY": free, "BATON_LIMITED_KEY": limited}


def main():
    python, node = python_with_clients(), node_with_clients()
    if not python:
        print("DID NOT RUN: the Python clients; name a Python with openai and anthropic in BATON_CLIENTS_PYTHON")
    if not node:
        print("DID NOT RUN: the Node clients; name a folder in BATON_CLIENTS_NODE after `npm install openai @anthropic-ai/sdk` there")
    if not python and not node:
        did_not_run("no official client is here")
    with Processes() as processes:
        file, keys = keys_file(processes.folder)
        url = start_baton(processes, ["--gateway-set", MODELS, "--gateway-set", f"auth.keys_file={file}"], {})
        env = {**os.environ, **keys, "BATON_URL": url}
        failed = False
        if python:
            failed |= subprocess.run([python, "-m", "unittest", "-v", "suite"], cwd=HERE, env=env).returncode != 0
        if node:
            # Modules are looked for beside the file that imports them.
            suite = shutil.copy(HERE / "suite.mjs", node)
            try:
                failed |= subprocess.run(["node", "--test", str(suite)], cwd=node, env=env).returncode != 0
            finally:
                os.remove(suite)
        sys.exit(failed)


main()
