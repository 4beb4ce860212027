{{- define "baton.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "baton.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "baton.labels" -}}
{{ include "baton.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "baton.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "baton.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* (list $ image): where an image comes from. */}}
{{- define "baton.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $tag := coalesce $image.tag $root.Values.image.tag $root.Chart.AppVersion -}}
{{- with $root.Values.image.registry }}{{ . | trimSuffix "/" }}/{{ end }}{{ $image.repository }}:{{ $tag }}
{{- end -}}

{{/* What every pod of ours is allowed: nothing. */}}
{{- define "baton.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "baton.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "baton.natsServers" -}}
{{- if .Values.nats.enabled -}}
{{- list (printf "nats://%s-nats:4222" (include "baton.fullname" .)) | toYaml -}}
{{- else -}}
{{- .Values.nats.external.servers | toYaml -}}
{{- end -}}
{{- end -}}

{{/* (list $ user): the `nats` section of a process; BATON_NATS_USER replaces the user where it is the pod's name. */}}
{{- define "baton.natsSettings" -}}
{{- $root := index . 0 -}}
servers:
  {{- include "baton.natsServers" $root | nindent 2 }}
{{- if $root.Values.nats.enabled }}
{{- if $root.Values.nats.auth.enabled }}
user: {{ index . 1 }}
password_file: /run/baton/nats/password
{{- end }}
{{- else }}
{{- with $root.Values.nats.external }}
{{- if .credentialsSecret }}
credentials: /run/baton/nats/nats.creds
{{- else if .user }}
user: {{ .user }}
password_file: /run/baton/nats/password
{{- end }}
{{- if .tlsSecret }}
tls:
  ca_file: /run/baton/nats-tls/ca.crt
  {{- if .tlsClientCertificate }}
  certificate_file: /run/baton/nats-tls/tls.crt
  key_file: /run/baton/nats-tls/tls.key
  {{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "baton.gatewayPools" -}}
{{- $pools := list -}}
{{- range .Values.workers -}}{{- $pools = append $pools (default "default" .pool) -}}{{- end -}}
{{- $pools | uniq | sortAlpha | toYaml -}}
{{- end -}}

{{/* The gateway's file: what the chart knows, then what `gateway.config` says. */}}
{{- define "baton.gatewayConfig" -}}
{{- $g := .Values.gateway -}}
{{- $own := dict
  "id" "gateway"
  "namespace" .Values.namespace
  "pools" (include "baton.gatewayPools" . | fromYamlArray)
  "server" (dict "host" "0.0.0.0" "port" 8000)
  "nats" (include "baton.natsSettings" (list . "gateway") | fromYaml)
  "limits" (dict "drain_timeout" (printf "%ds" (int $g.drainSeconds)))
  "trace" (dict "level" (int .Values.tracing.level)) -}}
{{- if .Values.models }}{{ $_ := set $own "models" .Values.models }}{{ end -}}
{{- if $g.tls.existingSecret }}{{ $_ := set $own.server "tls" (dict "certificate_file" "/run/baton/tls/tls.crt" "key_file" "/run/baton/tls/tls.key") }}{{ end -}}
{{- if or $g.apiKeys.existingSecret $g.apiKeys.keysFile }}{{ $_ := set $own "auth" (dict "keys_file" "/run/baton/keys/keys.yaml") }}{{ end -}}
{{- if $g.admin.enabled }}{{ $_ := set $own "admin" (dict "host" "0.0.0.0" "port" 8001 "key_file" "/run/baton/admin/admin-key") }}{{ end -}}
{{- mergeOverwrite $own (deepCopy $g.config) | toYaml -}}
{{- end -}}

{{/* (list $ worker): a worker pool's file. The id in it is replaced by the pod's name. */}}
{{- define "baton.workerConfig" -}}
{{- $root := index . 0 -}}
{{- $w := index . 1 -}}
{{- $own := dict
  "id" $w.name
  "namespace" $root.Values.namespace
  "pool" (default "default" $w.pool)
  "role" (default "aggregated" $w.role)
  "engine" $w.engine
  "nats" (include "baton.natsSettings" (list $root $w.name) | fromYaml)
  "system" (dict "host" "0.0.0.0" "port" 8081)
  "drain_timeout" (printf "%ds" (int (default 600 $w.drainSeconds))) -}}
{{- if $w.models }}{{ $_ := set $own "models" $w.models }}{{ end -}}
{{- if has $w.engine (list "cpu" "sim" "cuda") -}}
{{- $builtin := dict "data_host" "0.0.0.0" "data_port" 8090 -}}
{{- if $w.modelPath }}{{ $_ := set $builtin "model_path" $w.modelPath }}{{ end -}}
{{- $_ := set $own "builtin" $builtin -}}
{{- else -}}
{{- $_ := set $own "server" (dict "url" (include "baton.serverUrl" $w)) -}}
{{- end -}}
{{- mergeOverwrite $own (deepCopy (default dict $w.config)) | toYaml -}}
{{- end -}}

{{- define "baton.serverUrl" -}}
{{- if .serverUrl -}}{{ .serverUrl }}{{- else -}}http://127.0.0.1:{{ int .server.port }}{{- end -}}
{{- end -}}

{{/* (list $ worker): the name of a pool's objects and the start of its workers' ids. */}}
{{- define "baton.workerName" -}}
{{- printf "%s-%s" (include "baton.fullname" (index . 0)) (index . 1).name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* (list $ worker): the ids of a StatefulSet's workers, spare ones included. */}}
{{- define "baton.workerIds" -}}
{{- $name := include "baton.workerName" . -}}
{{- $w := index . 1 -}}
{{- $ids := list -}}
{{- range $i := until (int (default (default 1 $w.replicas) $w.maxReplicas)) -}}{{- $ids = append $ids (printf "%s-%d" $name $i) -}}{{- end -}}
{{- $ids | toYaml -}}
{{- end -}}

{{/* The password that all others come from: made once, then read from the Secret of the installation. */}}
{{- define "baton.natsMaster" -}}
{{- $auth := .Values.nats.auth -}}
{{- $name := default (printf "%s-nats-users" (include "baton.fullname" .)) $auth.existingSecret -}}
{{- if and $auth.masterPassword (not $auth.existingSecret) -}}
{{- $auth.masterPassword -}}
{{- else -}}
{{- if not (hasKey $auth "resolved") -}}
{{- $found := lookup "v1" "Secret" .Release.Namespace $name -}}
{{- $kept := dig "data" "master-password" "" $found -}}
{{- $_ := set $auth "resolved" (ternary ($kept | b64dec) (randAlphaNum 40) (ne $kept "")) -}}
{{- end -}}
{{- $auth.resolved -}}
{{- end -}}
{{- end -}}

{{/* (list $ user): a user's own password. */}}
{{- define "baton.natsPassword" -}}
{{- printf "%s/%s" (include "baton.natsMaster" (index . 0)) (index . 1) | sha256sum | trunc 40 -}}
{{- end -}}

{{- define "baton.otel" -}}
{{- if .Values.tracing.endpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .Values.tracing.endpoint | quote }}}
- {name: OTEL_EXPORTER_OTLP_PROTOCOL, value: {{ .Values.tracing.protocol | quote }}}
{{- end }}
{{- end -}}

{{- define "baton.podName" -}}
{name: BATON_ID, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
{{- end -}}

{{/* (list $ key): the broker's password or credentials, this pod's alone. */}}
{{- define "baton.natsMounts" -}}
{{- $root := index . 0 -}}
{{- $n := $root.Values.nats -}}
{{- if $n.enabled }}
{{- if $n.auth.enabled }}
- {name: nats, mountPath: /run/baton/nats/password, subPathExpr: {{ index . 1 | quote }}, readOnly: true}
{{- end }}
{{- else }}
{{- if $n.external.credentialsSecret }}
- {name: nats, mountPath: /run/baton/nats/nats.creds, subPath: nats.creds, readOnly: true}
{{- else if $n.external.user }}
- {name: nats, mountPath: /run/baton/nats/password, subPath: password, readOnly: true}
{{- end }}
{{- if $n.external.tlsSecret }}
- {name: nats-tls, mountPath: /run/baton/nats-tls, readOnly: true}
{{- end }}
{{- end }}
{{- end -}}

{{- define "baton.natsVolumes" -}}
{{- $n := .Values.nats -}}
{{- if $n.enabled }}
{{- if $n.auth.enabled }}
- {name: nats, secret: {secretName: {{ include "baton.fullname" . }}-nats-passwords, defaultMode: 288}}
{{- end }}
{{- else }}
{{- with $n.external.credentialsSecret }}
- {name: nats, secret: {secretName: {{ . }}, defaultMode: 288}}
{{- else }}{{ with $n.external.passwordSecret }}
- {name: nats, secret: {secretName: {{ . }}, defaultMode: 288}}
{{- end }}{{ end }}
{{- with $n.external.tlsSecret }}
- {name: nats-tls, secret: {secretName: {{ . }}, defaultMode: 288}}
{{- end }}
{{- end }}
{{- end -}}

{{- define "baton.modelMount" -}}
{{- if .Values.modelVolume.source }}
- {name: models, mountPath: {{ .Values.modelVolume.mountPath }}, readOnly: true}
{{- end }}
{{- end -}}

{{- define "baton.modelVolume" -}}
{{- with .Values.modelVolume.source }}
- name: models
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* (list $resources $worker): with the GPUs that the pool asks for. */}}
{{- define "baton.gpuResources" -}}
{{- $resources := deepCopy (index . 0) -}}
{{- with (index . 1).gpu -}}
{{- $limits := mergeOverwrite (default dict $resources.limits) (dict (default "nvidia.com/gpu" .resource) (int .count)) -}}
{{- $_ := set $resources "limits" $limits -}}
{{- end -}}
{{- $resources | toYaml -}}
{{- end -}}

{{/* Names, the broker, and what the values add. */}}
{{- define "baton.egress" -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- if .Values.nats.enabled }}
- to:
    - podSelector:
        matchLabels:
          {{- include "baton.selector" . | nindent 10 }}
          app.kubernetes.io/component: nats
  ports: [{port: nats}]
{{- end }}
{{- with .Values.networkPolicy.egress.extra }}
{{ toYaml . }}
{{- end }}
{{- end -}}
