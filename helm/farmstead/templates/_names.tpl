{{/* Names and labels. A component is `starter`, `gateway`, `agent-<name>` or `tools-<name>`. */}}

{{- define "farmstead.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- /* "farmstead.name" (list $ component) */}}
{{- define "farmstead.name" -}}
{{ printf "%s-%s" (include "farmstead.fullname" (index . 0)) (index . 1) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "farmstead.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "farmstead.labels" -}}
{{- $root := index . 0 -}}
{{ include "farmstead.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end }}

{{- define "farmstead.image" -}}
{{ .Values.image.repository }}:{{ include "farmstead.tag" . }}
{{- end }}

{{- define "farmstead.tag" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* "farmstead.pool" (list agent build): agent-sales, and of a version agent-sales-2026-11-1. A long tag is cut, and
the hash of it all keeps two of them apart. */}}
{{- define "farmstead.pool" -}}
{{- $pool := printf "agent-%s" (index . 0) -}}
{{- with index . 1 -}}
{{- $build := regexReplaceAll "[^a-z0-9]+" (lower .) "-" | trimAll "-" -}}
{{- if gt (len $build) 24 -}}
{{- $build = printf "%s-%s" (trunc 17 $build | trimSuffix "-") (sha256sum . | trunc 6) -}}
{{- end -}}
{{- $pool = printf "%s-%s" $pool $build -}}
{{- end -}}
{{- $pool -}}
{{- end }}

{{- define "farmstead.gatewayUrl" -}}
{{- if .Values.gateway.enabled -}}
http://{{ include "farmstead.name" (list . "gateway") }}:4000
{{- else -}}
{{ required "gateway.url is needed where gateway.enabled is false" .Values.gateway.url }}
{{- end -}}
{{- end }}

{{- /* JSON of tool server name -> URL, as FARM_TOOL_SERVERS wants it */}}
{{- define "farmstead.toolServers" -}}
{{- $urls := dict -}}
{{- range $name := keys .Values.toolServers -}}
{{- $_ := set $urls $name (printf "http://%s:8100/mcp" (include "farmstead.name" (list $ (printf "tools-%s" $name)))) -}}
{{- end -}}
{{ $urls | toJson }}
{{- end }}
