{{/* The parts that every pod of the farm has alike. */}}

{{- define "farmstead.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "farmstead.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- /* Live: the process answers. Ready: what it needs answers too; a part that is away is no reason to restart. */}}
{{- define "farmstead.probes" -}}
startupProbe:
  httpGet: {path: {{ .livePath }}, port: http}
  periodSeconds: 2
  failureThreshold: {{ div .startSeconds 2 }}
livenessProbe:
  httpGet: {path: {{ .livePath }}, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: {path: {{ .readyPath }}, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
{{- end }}

{{- define "farmstead.env" -}}
{{- $values := .root.Values -}}
{{- $env := merge (dict) (.env | default dict) (dict
      "HOME" "/tmp") -}}
{{- with .port -}}
{{- $env = merge $env (dict "FARM_HOST" "0.0.0.0" "FARM_PORT" .) -}}
{{- end -}}
{{- if .temporal -}}
{{- $env = merge $env (dict "TEMPORAL_ADDRESS" $values.temporal.address "TEMPORAL_NAMESPACE" $values.temporal.namespace) -}}
{{- end -}}
{{- with $values.telemetry.otlpEndpoint -}}
{{- $env = merge $env (dict "OTEL_EXPORTER_OTLP_ENDPOINT" .) -}}
{{- end -}}
{{- range $name, $value := $env }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- if .storeUrl }}
- name: FARM_STORE_URL
  valueFrom:
    secretKeyRef:
      name: {{ $values.store.existingSecret }}
      key: {{ $values.store.key }}
{{- end }}
{{- end }}
