{{/* What a schema cannot say. Each message names the value, what is wrong and what to do. */}}
{{- define "baton.check" -}}
{{- $names := dict -}}
{{- $roles := dict -}}
{{- range $i, $w := .Values.workers -}}
  {{- if hasKey $names $w.name -}}
    {{- fail (printf "workers[%d].name: %s is used twice (expected: a name of its own for each entry)" $i $w.name) -}}
  {{- end -}}
  {{- $_ := set $names $w.name true -}}
  {{- if gt (len (printf "%s-%s" (include "baton.fullname" $) $w.name)) 52 -}}
    {{- fail (printf "workers[%d].name: %s-%s is longer than 52 characters (shorten the name or set fullnameOverride)" $i (include "baton.fullname" $) $w.name) -}}
  {{- end -}}
  {{- if and $w.maxReplicas (lt (int $w.maxReplicas) (int (default 1 $w.replicas))) -}}
    {{- fail (printf "workers[%d].maxReplicas: %d is below replicas (%d)" $i (int $w.maxReplicas) (int (default 1 $w.replicas))) -}}
  {{- end -}}
  {{- $_ := set $roles (printf "%s/%s" (default "default" $w.pool) (default "aggregated" $w.role)) $i -}}
{{- end -}}
{{- range $w := .Values.workers -}}
  {{- $pool := default "default" $w.pool -}}
  {{- if and (eq (default "aggregated" $w.role) "prefill") (not (hasKey $roles (printf "%s/decode" $pool))) -}}
    {{- fail (printf "workers: %s does prefill in pool %s, where nobody decodes (add an entry with role: decode, or make it aggregated)" $w.name $pool) -}}
  {{- end -}}
  {{- if and (eq (default "aggregated" $w.role) "decode") (not (hasKey $roles (printf "%s/prefill" $pool))) -}}
    {{- fail (printf "workers: %s decodes in pool %s, where nobody does prefill (add an entry with role: prefill, or make it aggregated)" $w.name $pool) -}}
  {{- end -}}
{{- end -}}
{{- with .Values.gateway.autoscaling -}}
  {{- if and .enabled (lt (int .maxReplicas) (int .minReplicas)) -}}
    {{- fail (printf "gateway.autoscaling.maxReplicas: %d is below minReplicas (%d)" (int .maxReplicas) (int .minReplicas)) -}}
  {{- end -}}
{{- end -}}
{{- range $key := list "id" "namespace" "pools" -}}
  {{- if hasKey $.Values.gateway.config $key -}}
    {{- fail (printf "gateway.config.%s: the chart sets it (id is the pod's name, pools are those of workers, namespace is set once for all)" $key) -}}
  {{- end -}}
{{- end -}}
{{- range $i, $w := .Values.workers -}}
  {{- range $key := list "id" "role" "pool" "engine" "namespace" -}}
    {{- if hasKey (default dict $w.config) $key -}}
      {{- fail (printf "workers[%d].config.%s: the chart needs to know it (set workers[%d].%s instead; id is the pod's name, namespace is set once for all)" $i $key $i $key) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}
