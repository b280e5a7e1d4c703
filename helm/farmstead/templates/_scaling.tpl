{{/*
A pool scaled by KEDA (https://keda.sh/docs/2.22/scalers/temporal/), by the backlog of its task queue. The backlog
doesn't see work in flight: so never to zero, down late and one at a time, and a leaving worker drains.
`includeRunningWorkflowCount` is of no use here: an entity's workflow runs for months and mostly waits.
*/}}
{{- define "farmstead.scaledObject" -}}
{{- $named := list .root .component -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ include "farmstead.name" $named }}
  labels: {{- include "farmstead.labels" $named | nindent 4 }}
spec:
  scaleTargetRef:
    name: {{ include "farmstead.name" $named }}
  minReplicaCount: {{ .scaling.minReplicas }}
  maxReplicaCount: {{ .scaling.maxReplicas }}
  pollingInterval: 10
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleDown:
          stabilizationWindowSeconds: {{ .scaling.scaleDownAfterSeconds }}
          policies:
            - {type: Pods, value: 1, periodSeconds: 60}
  triggers:
    - type: temporal
      metadata:
        endpoint: {{ .root.Values.temporal.address | quote }}
        namespace: {{ .root.Values.temporal.namespace | quote }}
        taskQueue: {{ printf "agent-%s" .agent | quote }}
        queueTypes: workflow,activity
        targetQueueSize: {{ .scaling.targetQueueSize | toString | quote }}
{{- end }}
