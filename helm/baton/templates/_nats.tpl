{{/* The broker's configuration. Rights are those of deploy/nats/rights.conf, one user for all gateways and one per worker. */}}
{{- define "baton.natsConf" -}}
server_name: {{ include "baton.fullname" . }}-nats
port: 4222
http_port: 8222
pid_file: "/tmp/nats.pid"
max_payload: {{ .Values.nats.maxPayload }}
# A stream that cannot keep up is cut off, not waited for; Baton asks again for what it missed.
max_pending: 64MB
write_deadline: "10s"
{{- if .Values.nats.auth.enabled }}
authorization {
  users = [
    {user: "gateway", password: {{ include "baton.natsPassword" (list . "gateway") | quote }}, permissions: {{ include "baton.gatewayRights" . }}}
    {{- range $w := .Values.workers }}
    {{- if eq (default "StatefulSet" $w.kind) "StatefulSet" }}
    {{- range include "baton.workerIds" (list $ $w) | fromYamlArray }}
    {user: {{ . | quote }}, password: {{ include "baton.natsPassword" (list $ .) | quote }}, permissions: {{ include "baton.workerRights" (list $ $w .) }}}
    {{- end }}
    {{- else }}
    {{- $user := include "baton.workerName" (list $ $w) }}
    {user: {{ $user | quote }}, password: {{ include "baton.natsPassword" (list $ $user) | quote }}, permissions: {{ include "baton.workerRights" (list $ $w "*") }}}
    {{- end }}
    {{- end }}
  ]
}
{{- end }}
{{- end -}}

{{- define "baton.gatewayRights" -}}
{{- $ns := printf "baton.%s" .Values.namespace -}}
{
      publish: [
        "{{ $ns }}.*.worker.*.generate", "{{ $ns }}.*.worker.*.control",
        "{{ $ns }}.*.worker.*.kv.snapshot", "{{ $ns }}.*.discover",
        "{{ $ns }}.gateway.*.status", "{{ $ns }}.trace.level"]
      subscribe: [
        "{{ $ns }}.reply.*.*",
        "{{ $ns }}.*.worker.*.status", "{{ $ns }}.*.worker.*.kv",
        "{{ $ns }}.gateway.*.status", "{{ $ns }}.trace.level",
        "{{ $ns }}.*.worker.*.level", "{{ $ns }}.*.worker.*.trace.*"]}
{{- end -}}

{{/* (list $ worker id): the rights of one worker; id `*` where pods have no names that are known beforehand. */}}
{{- define "baton.workerRights" -}}
{{- $root := index . 0 -}}
{{- $ns := printf "baton.%s" $root.Values.namespace -}}
{{- $pool := printf "%s.%s" $ns (default "default" (index . 1).pool) -}}
{{- $worker := printf "%s.worker.%s" $pool (index . 2) -}}
{
      publish: ["{{ $worker }}.status", "{{ $worker }}.kv", "{{ $worker }}.level", "{{ $worker }}.trace.*"]
      subscribe: [
        "{{ $worker }}.generate", "{{ $worker }}.control", "{{ $worker }}.kv.snapshot",
        "{{ $pool }}.discover", "{{ $ns }}.gateway.*.status", "{{ $ns }}.trace.level"]
      allow_responses: {max: -1, expires: {{ $root.Values.nats.auth.responseExpires | quote }}}}
{{- end -}}
