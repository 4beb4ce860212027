#!/usr/bin/env bash
# What an install of each kind pulls: the jars that a gateway, a worker with the CPU engine and one with the CUDA engine need.
# Counts the run-time class path of the module, Baton's own jars included, as ./baton build made them. Needs that build.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dist=$root/standalone/target/dist
[ -d "$dist/lib-cuda" ] || { echo "install_sizes: run ./baton build first" >&2; exit 1; }

(cd "$root" && mvn -q -B -o -pl gateway,worker-agent -am compile dependency:build-classpath \
  -Dmdep.outputFile=target/runtime.classpath -DincludeScope=runtime) >&2

jars() {  # jars MODULE   the files, each once
  { tr ':' '\n' < "$root/$1/target/runtime.classpath"; echo; echo "$root/$1/target/classes"; } | while read -r entry; do
    case $entry in
      */target/classes) find "$(dirname "$entry")" -maxdepth 1 -name 'baton-*.jar' ! -name '*-tests.jar' ;;
      *.jar) echo "$entry" ;;
    esac
  done | sort -u
}

line() {  # line NAME FILE...
  local name=$1; shift
  printf '%-28s %4d jars %8.1f MB\n' "$name" "$#" "$(cat "$@" | wc -c | awk '{ print $1 / 1e6 }')"
}

mapfile -t gateway < <(jars gateway)
mapfile -t worker < <(jars worker-agent)
line "gateway only" "${gateway[@]}"
line "worker, CPU engine" "${worker[@]}"
line "worker, CUDA engine" "${worker[@]}" "$dist"/lib-cuda/*.jar
line "  of it, lib-cuda" "$dist"/lib-cuda/*.jar
line "everything (lib)" "$dist"/lib/*.jar
if printf '%s\n' "${gateway[@]}" "${worker[@]}" | grep -E 'engine-cuda|bytedeco|javacpp'; then
  echo "install_sizes: a gateway or CPU worker pulls CUDA's jars (above)" >&2
  exit 1
fi
