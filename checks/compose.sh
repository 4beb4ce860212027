#!/usr/bin/env bash
# Has Compose itself read docker-compose.yml with every profile, and the observability file on its own: no engine is asked for, nothing is started.
# Needs docker-compose (or docker with its compose plug-in) on the PATH or in ~/.cache/baton-tools/bin.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$PATH:$HOME/.cache/baton-tools/bin
if command -v docker-compose >/dev/null; then compose=(docker-compose)
elif docker compose version >/dev/null 2>&1; then compose=(docker compose)
else echo "DID NOT RUN: no docker-compose on the PATH"; exit 77; fi
echo "compose $("${compose[@]}" version --short)"

failed=0
read_file() { # read_file FILE PROFILE THE SERVICES THAT IT MUST HAVE...
  local file=$1 profile=$2 services; shift 2
  services=$("${compose[@]}" -f "$root/$file" ${profile:+--profile "$profile"} config --services | sort | tr '\n' ' ') || failed=1
  printf '%-48s %-14s %s\n' "$file" "${profile:-(none)}" "$services"
  for service in "$@"; do
    case " $services" in *" $service "*) ;; *) echo "  has no service $service"; failed=1 ;; esac
  done
}
demo=(nats gateway prefill decode)
read_file docker-compose.yml ""
for profile in $("${compose[@]}" -f "$root/docker-compose.yml" config --profiles | sort); do read_file docker-compose.yml "$profile"; done
for profile in observability jaeger; do read_file deploy/observability/docker-observability.yml "$profile"; done
[ "$failed" = 0 ] && echo "OK" || { echo "FAILED"; exit 1; }
