#!/usr/bin/env bash
# One engine that prefills and decodes, behind Baton. See --help.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
case "$engine" in
  cpu) up --aggregated 1 ;;
  sglang)
    sglang_server 30000 5557
    wait_for http://127.0.0.1:30000
    up --engine sglang --url http://127.0.0.1:30000
    ;;
  vllm)
    vllm_server 30000 5557
    wait_for http://127.0.0.1:30000
    up --engine vllm --url http://127.0.0.1:30000 --worker-set "server.tracing=$traced"
    ;;
  *) echo "agg.sh: --engine $engine (expected: sglang, vllm or cpu)" >&2; exit 2 ;;
esac
