#!/usr/bin/env bash
# One engine that prefills and one that decodes, behind Baton. See --help. Two accelerators for sglang and vllm.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
case "$engine" in
  cpu) up --prefill 1 --decode 1 ;;
  sglang)
    CUDA_VISIBLE_DEVICES=${PREFILL_DEVICE:-0} sglang_server 30000 5557 --disaggregation-mode prefill --disaggregation-bootstrap-port 8998
    CUDA_VISIBLE_DEVICES=${DECODE_DEVICE:-1} sglang_server 30001 5558 --disaggregation-mode decode
    wait_for http://127.0.0.1:30000
    wait_for http://127.0.0.1:30001
    up --engine sglang --prefill-url http://127.0.0.1:30000 --decode-url http://127.0.0.1:30001
    ;;
  vllm)
    transfer='{"kv_connector":"NixlConnector","kv_role":"kv_both"}'
    CUDA_VISIBLE_DEVICES=${PREFILL_DEVICE:-0} vllm_server 30000 5557 --kv-transfer-config "$transfer"
    CUDA_VISIBLE_DEVICES=${DECODE_DEVICE:-1} vllm_server 30001 5558 --kv-transfer-config "$transfer"
    wait_for http://127.0.0.1:30000
    wait_for http://127.0.0.1:30001
    up --engine vllm --prefill-url http://127.0.0.1:30000 --decode-url http://127.0.0.1:30001 --worker-set "server.tracing=$traced"
    ;;
  *) echo "disagg.sh: --engine $engine (expected: sglang, vllm or cpu)" >&2; exit 2 ;;
esac
