#!/usr/bin/env bash
# Lints and renders the chart with its defaults and every example, and holds each object against the schemas of two Kubernetes versions, strictly.
# Needs helm and kubeconform, on the PATH or in ~/.cache/baton-tools/bin, and Kubernetes' schemas as files: BATON_K8S_SCHEMAS, a folder with
# vVERSION-standalone-strict/KIND-GROUP-VERSION.json (default: ~/.cache/baton-tools/k8s-schemas), or the network, when BATON_K8S_SCHEMAS=default.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$PATH:$HOME/.cache/baton-tools/bin
versions=(${BATON_K8S_VERSIONS:-1.34.0 1.37.0})
schemas=${BATON_K8S_SCHEMAS:-$HOME/.cache/baton-tools/k8s-schemas}
for tool in helm kubeconform; do
  command -v "$tool" >/dev/null || { echo "DID NOT RUN: no $tool on the PATH"; exit 77; }
done
if [ "$schemas" = default ]; then kubernetes=default
else
  [ -d "$schemas" ] || { echo "DID NOT RUN: no schemas in $schemas (set BATON_K8S_SCHEMAS)"; exit 77; }
  kubernetes="$schemas/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json"
fi
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
echo "helm $(helm version --template '{{.Version}}'), kubeconform $(kubeconform -v)"

"$root/helm/pack" --check

failed=0
for version in "${versions[@]}"; do
  for values in "$root"/helm/baton/values.yaml "$root"/helm/examples/*.yaml; do
    name=$(basename "$values" .yaml)
    helm lint "$root/helm/baton" --strict --kube-version "$version" --values "$values" >"$work/lint" 2>&1 || { cat "$work/lint"; failed=1; continue; }
    helm template check "$root/helm/baton" --namespace serving --kube-version "$version" --values "$values" >"$work/$name.yaml" || { failed=1; continue; }
    printf '%-10s %-24s ' "$version" "$name"
    kubeconform -strict -summary -kubernetes-version "$version" -schema-location "$kubernetes" \
      -schema-location "$root/helm/schemas/{{ .ResourceKind }}{{ .KindSuffix }}.json" "$work/$name.yaml" >"$work/result" || failed=1
    tail -1 "$work/result"
    grep -v '^Summary' "$work/result" || true
    grep -q 'Skipped: 0' "$work/result" || failed=1
  done
done
[ "$failed" = 0 ] && echo "OK" || { echo "FAILED"; exit 1; }
