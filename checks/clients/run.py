#!/usr/bin/env python3
"""The official Python clients of OpenAI and Anthropic against a fleet with the demo model: `./baton test --clients`."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import Processes, did_not_run, start_baton  # noqa: E402

python = os.environ.get("BATON_CLIENTS_PYTHON", sys.executable)
if subprocess.run([python, "-c", "import openai, anthropic"], capture_output=True).returncode:
    did_not_run(f"{python} lacks the packages openai and anthropic; name a Python that has them in BATON_CLIENTS_PYTHON")

with Processes() as processes:
    url = start_baton(
        processes,
        ["--gateway-set", "models=[{name: baton-demo, path: '%s', aliases: [gpt-4o], tool_parser: hermes}]" % (HERE.parents[1] / "models/baton-demo")],
        {},
    )
    sys.exit(subprocess.run([python, "-m", "unittest", "-v", "suite"], cwd=HERE, env={**os.environ, "BATON_URL": url}).returncode)
