{{/* Immutable labels, used as pod selectors. Takes (root, component). */}}
{{- define "demo-dependencies.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Takes (root, component). */}}
{{- define "demo-dependencies.labels" -}}
{{ include "demo-dependencies.selector" . }}
app.kubernetes.io/part-of: user-service
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* Pod Security Standards, restricted. `user` is the numeric user that the image runs as. Takes (root, user, token). */}}
{{- define "demo-dependencies.pod" -}}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false # the Service kafka would set KAFKA_PORT=tcp://…, which the image reads as a setting of the broker
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user }}
  runAsGroup: {{ .user }}
  fsGroup: {{ .user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Takes (root, image, writable). The images of Kafka and of the registry write into their own folders. */}}
{{- define "demo-dependencies.container" -}}
image: {{ .image }}
imagePullPolicy: {{ .root.Values.imagePullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: {{ not .writable }}
  capabilities: { drop: [ALL] }
{{- end }}

{{/* The volume `data`: a claim that outlives the pod, or a folder that ends with it. Takes (root, name). */}}
{{- define "demo-dependencies.data" -}}
- name: data
  {{- if .root.Values.persistence.enabled }}
  persistentVolumeClaim: { claimName: {{ .name }} }
  {{- else }}
  emptyDir: { sizeLimit: {{ .root.Values.persistence.size }} }
  {{- end }}
{{- end }}

{{/* A claim of the release, so that it is removed with it. Takes (root, name). */}}
{{- define "demo-dependencies.claim" -}}
{{- with .root.Values.persistence }}
{{- if .enabled }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ $.name }}
  labels: {{- include "demo-dependencies.labels" (dict "root" $.root "component" $.name) | nindent 4 }}
spec:
  accessModes: [ReadWriteOnce]
  {{- with .storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources: { requests: { storage: {{ .size }} } }
{{- end }}
{{- end }}
{{- end }}

{{/* A Service with the name and port that values.yaml of user-service expects. Takes (root, component, port). */}}
{{- define "demo-dependencies.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .component }}
  labels: {{- include "demo-dependencies.labels" . | nindent 4 }}
spec:
  selector: {{- include "demo-dependencies.selector" . | nindent 4 }}
  ports: [{ name: {{ .component }}, port: {{ .port }}, targetPort: server }]
{{- end }}
