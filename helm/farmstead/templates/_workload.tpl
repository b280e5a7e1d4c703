{{/*
One process of the farm: a ServiceAccount, a Deployment, a PodDisruptionBudget and, where others call it, a Service.

Called with a dict:
  root                       the chart's context
  component                  agent-sales, tools-crm, starter, gateway
  account                    the component whose ServiceAccount it uses, where several share one
  withoutAccount             where another workload makes that ServiceAccount
  image, pullPolicy          the container's
  command, args              of the container; the image's own where left out
  replicas                   left out where an autoscaler owns the number
  env                        plain environment, name -> value
  secrets                    names of Secrets whose keys become environment; empty names are skipped
  temporal, storeUrl         whether it is told where Temporal and the store are
  port, livePath, readyPath  of its HTTP door
  service                    whether others call it
  startSeconds               how long a start may take before it counts as failed
  graceSeconds               from SIGTERM to SIGKILL
  configMap, configPath      a ConfigMap to mount
  configItems                which of its keys at which paths
  resources, nodeSelector, tolerations, serviceAccountAnnotations, podAnnotations
*/}}
{{- define "farmstead.workload" -}}
{{- $named := list .root .component -}}
{{- $name := include "farmstead.name" $named -}}
{{- $account := list .root (.account | default .component) -}}
{{- if not .withoutAccount -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "farmstead.name" $account }}
  labels: {{- include "farmstead.labels" $account | nindent 4 }}
  {{- with .serviceAccountAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
---
{{ end -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels: {{- include "farmstead.labels" $named | nindent 4 }}
spec:
  {{- if hasKey . "replicas" }}
  replicas: {{ .replicas }}
  {{- end }}
  selector:
    matchLabels: {{- include "farmstead.selector" $named | nindent 6 }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  template:
    metadata:
      labels: {{- include "farmstead.labels" $named | nindent 8 }}
      {{- with .podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "farmstead.podSecurity" .root | nindent 6 }}
      serviceAccountName: {{ include "farmstead.name" $account }}
      terminationGracePeriodSeconds: {{ .graceSeconds }}
      {{- with .nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "farmstead.selector" $named | nindent 14 }}
      containers:
        - name: {{ .component }}
          image: {{ .image | quote }}
          imagePullPolicy: {{ .pullPolicy }}
          {{- with .command }}
          command: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .args }}
          args: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- include "farmstead.containerSecurity" . | nindent 10 }}
          env: {{- include "farmstead.env" . | trim | nindent 12 }}
          {{- with compact .secrets }}
          envFrom:
            {{- range . }}
            - secretRef:
                name: {{ . }}
            {{- end }}
          {{- end }}
          ports:
            - name: http
              containerPort: {{ .port }}
          {{- include "farmstead.probes" . | nindent 10 }}
          resources: {{- toYaml .resources | nindent 12 }}
          volumeMounts:
            - name: scratch
              mountPath: /tmp
            {{- if .configMap }}
            - name: config
              mountPath: {{ .configPath }}
              readOnly: true
            {{- end }}
      volumes:
        - name: scratch
          emptyDir:
            sizeLimit: 256Mi
        {{- if .configMap }}
        - name: config
          configMap:
            name: {{ .configMap }}
            items: {{- toYaml .configItems | nindent 14 }}
        {{- end }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels: {{- include "farmstead.labels" $named | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "farmstead.selector" $named | nindent 6 }}
{{- if .service }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "farmstead.labels" $named | nindent 4 }}
spec:
  selector: {{- include "farmstead.selector" $named | nindent 4 }}
  ports:
    - name: http
      port: {{ .port }}
      targetPort: http
{{- end }}
{{- end }}
