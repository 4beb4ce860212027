#!/usr/bin/env bash
# Runs the images' own trees as a container would: root file system read-only, /tmp a tmpfs, user 65532, entry point from the image.
# Needs root (for chroot and mounts in a mount namespace of its own) and ./baton images first. Prints sizes and the time to ready.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
layout=$root/target/images/oci
cache=${BATON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/baton}
PATH=$cache/umoci/usr/bin:$PATH
[ -d "$layout" ] || { echo "no images: run ./baton images first" >&2; exit 77; }
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root for chroot and mounts" >&2; exit 77; }
nats=${BATON_NATS_SERVER:-$(command -v nats-server || echo "$cache/nats-server/usr/sbin/nats-server")}
work=$(mktemp -d)
pids=()
cleanup() { for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

for role in gateway worker worker-cuda; do
  umoci unpack --image "$layout:$role" "$work/$role" >/dev/null
  printf '%s: %s MB compressed, %s MB unpacked\n' "$role" \
    "$(umoci stat --image "$layout:$role" --json | python3 -c 'import json,sys; print(round(sum(l.get("layer",{}).get("size",0) for l in json.load(sys.stdin)["history"] if l.get("layer"))/1e6))')" \
    "$(du -sm "$work/$role/rootfs" | cut -f1)"
done

# in_image ROLE CONFIG   becomes the image's process, with the file as /etc/baton/baton.yaml
in_image() {
  local tree=$work/$1/rootfs command
  cp "$2" "$tree/etc/baton/baton.yaml"
  mapfile -t command < <(python3 -c 'import json,sys; print("\n".join(json.load(open(sys.argv[1]))["process"]["args"]))' "$work/$1/config.json")
  exec unshare --mount bash -c '
    mount --make-rprivate / && mount --bind "$0" "$0" && mount -t proc proc "$0/proc" && mount -t tmpfs -o mode=1777 tmpfs "$0/tmp" \
      && mount --bind /dev "$0/dev" && mount -o remount,ro,bind "$0" && exec chroot --userspec=65532:65532 "$0" "$@"' "$tree" "${command[@]}"
}

free_port() { local p; while p=$((RANDOM % 20000 + 30000)); (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; do :; done; echo "$p"; }
nats_port=$(free_port)
"$nats" -a 127.0.0.1 -p "$nats_port" >"$work/nats.log" 2>&1 & pids+=($!)
until (exec 3<>"/dev/tcp/127.0.0.1/$nats_port") 2>/dev/null; do sleep 0.05; done
port=$(free_port)
cat >"$work/gateway.yaml" <<Y
nats: {servers: ["nats://127.0.0.1:$nats_port"]}
server: {port: $port}
models: [{name: baton-demo, path: /opt/baton/models/baton-demo}]
Y
cat >"$work/worker.yaml" <<Y
id: worker-1
models: [baton-demo]
nats: {servers: ["nats://127.0.0.1:$nats_port"]}
builtin: {model_path: /opt/baton/models/baton-demo}
Y
# The gateway image has no model in it: models are mounted, as in any deployment.
mkdir -p "$work/gateway/rootfs/opt/baton/models"; cp -r "$work/worker/rootfs/opt/baton/models/." "$work/gateway/rootfs/opt/baton/models/"

(in_image worker "$work/worker.yaml") >"$work/worker.log" 2>&1 & pids+=($!)
times=()
for i in $(seq 10); do
  begin=$(date +%s%N)
  (in_image gateway "$work/gateway.yaml") >"$work/gateway.log" 2>&1 & gateway=$!
  until curl -sf "http://127.0.0.1:$port/ready" >/dev/null; do
    kill -0 "$gateway" 2>/dev/null || { cat "$work/gateway.log" "$work/worker.log" >&2; exit 1; }
    [ $(( $(date +%s%N) - begin )) -lt 60000000000 ] || { cat "$work/gateway.log" "$work/worker.log" >&2; exit 1; }
    sleep 0.02
  done
  times+=($(( ($(date +%s%N) - begin) / 1000000 )))
  if [ "$i" = 10 ]; then
    java=$(pgrep -P "$gateway" java || echo "$gateway")
    printf 'the gateway runs as uid %s; its root file system is %s\n' "$(awk '/^Uid/ {print $2}' "/proc/$java/status")" \
      "$(awk '$5 == "/" {print $6}' "/proc/$java/mountinfo" | cut -d, -f1)"
    curl -sf "http://127.0.0.1:$port/v1/chat/completions" -d '{"model":"baton-demo","temperature":0,"messages":[{"role":"user","content":"What is the capital of France?"}]}'; echo
  fi
  kill "$gateway"; wait "$gateway" 2>/dev/null || true
done
# Without a driver the third image says so and ends; with one, that is what it needs besides CUDA's libraries.
sed 's/^id: .*/id: worker-2\nengine: cuda/' "$work/worker.yaml" >"$work/worker-cuda.yaml"
(in_image worker-cuda "$work/worker-cuda.yaml") >"$work/worker-cuda.log" 2>&1 && { echo "worker-cuda ended well without a GPU?"; exit 1; }
printf 'worker-cuda: %s\n' "$(grep -m1 -oE '(no NVIDIA driver|library missing|cuInit failed)[^.]*' "$work/worker-cuda.log" || { cat "$work/worker-cuda.log" >&2; exit 1; })"
printf 'gateway, start to /ready (ms): %s; median %s\n' "${times[*]}" "$(printf '%s\n' "${times[@]}" | sort -n | sed -n 5p)"
