# Shared by agg.sh and disagg.sh: options, waiting for servers, stopping what was started.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
engine=sglang model=Qwen/Qwen3-0.6B port=8000 otel= name= dry_run= up_args=()
pids=()

usage() {
  cat <<TXT
usage: $(basename "$0") [--engine sglang|vllm|cpu] [--model MODEL] [--served-model-name NAME] [--port PORT] [--enable-otel] [--dry-run] [-- UP_ARGUMENTS]
  --engine cpu      the built-in engine with the demo model: runs on any machine
  --enable-otel     traces of Baton and of the engines to OTEL_EXPORTER_OTLP_ENDPOINT (default http://127.0.0.1:4317, gRPC)
  --dry-run         prints the commands and runs nothing
TXT
}

while [ $# -gt 0 ]; do
  case "$1" in
    --engine) engine=$2; shift ;;
    --model) model=$2; shift ;;
    --served-model-name) name=$2; shift ;;
    --port) port=$2; shift ;;
    --enable-otel) otel=1 ;;
    --dry-run) dry_run=1 ;;
    -h | --help) usage; exit 0 ;;
    --) shift; up_args=("$@"); break ;;
    *) echo "$(basename "$0"): $1: unknown option" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
name=${name:-$(basename "$model")}

if [ -n "$otel" ]; then
  export OTEL_EXPORTER_OTLP_ENDPOINT=${OTEL_EXPORTER_OTLP_ENDPOINT:-http://127.0.0.1:4317}
  export OTEL_EXPORTER_OTLP_PROTOCOL=${OTEL_EXPORTER_OTLP_PROTOCOL:-grpc}
  export OTEL_EXPORTER_OTLP_TRACES_INSECURE=${OTEL_EXPORTER_OTLP_TRACES_INSECURE:-true}
fi
# SGLang wants host:port, vLLM a URL.
otlp_host=${OTEL_EXPORTER_OTLP_ENDPOINT:-}
# vLLM cannot be asked whether it makes spans; told, Baton neither doubles nor omits them.
traced=false
[ -n "$otel" ] && traced=true
otlp_host=${otlp_host#*://}

stop_all() { for pid in "${pids[@]:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null || true; done; }
trap stop_all EXIT

# Starts a server in the background; its output goes to LOG.
start() {
  local log=$1
  shift
  echo "+ $*" >&2
  [ -n "$dry_run" ] && return
  "$@" >"$log" 2>&1 &
  pids+=($!)
}

wait_for() {
  [ -n "$dry_run" ] && return
  local url=$1
  for _ in $(seq 900); do
    curl -sf "$url/v1/models" >/dev/null && return
    for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || { echo "an engine has ended; see its log" >&2; exit 1; }; done
    sleep 1
  done
  echo "$url did not answer within 15 minutes" >&2
  exit 1
}

up() {
  echo "+ ./baton up --port $port $*" >&2
  [ -n "$dry_run" ] && return
  "$root/baton" up --port "$port" "$@" "${up_args[@]}"
}

sglang_server() {
  local server_port=$1 events=$2
  shift 2
  start "/tmp/sglang-$server_port.log" python3 -m sglang.launch_server --model-path "$model" --served-model-name "$name" --host 127.0.0.1 --port "$server_port" \
    --page-size 16 --enable-metrics --enable-cache-report ${otel:+--enable-trace --otlp-traces-endpoint "$otlp_host"} \
    --kv-events-config "{\"publisher\":\"zmq\",\"topic\":\"kv-events\",\"endpoint\":\"tcp://*:$events\",\"replay_endpoint\":\"tcp://127.0.0.1:$((events + 100))\"}" "$@"
}

vllm_server() {
  local server_port=$1 events=$2
  shift 2
  start "/tmp/vllm-$server_port.log" env OTEL_SERVICE_NAME=vllm VLLM_NIXL_SIDE_CHANNEL_HOST=127.0.0.1 VLLM_NIXL_SIDE_CHANNEL_PORT=$((events + 200)) \
    vllm serve "$model" --served-model-name "$name" --host 127.0.0.1 --port "$server_port" --enable-prompt-tokens-details --enable-per-request-metrics \
    ${otel:+--otlp-traces-endpoint "$OTEL_EXPORTER_OTLP_ENDPOINT"} \
    --kv-events-config "{\"enable_kv_cache_events\":true,\"publisher\":\"zmq\",\"endpoint\":\"tcp://*:$events\",\"replay_endpoint\":\"tcp://127.0.0.1:$((events + 100))\"}" "$@"
}
