{{/* The Deployment of one component (api, relay or worker). Takes (root, component, track, version, replicas, role). */}}
{{- define "user-service.process" -}}
{{- $values := .root.Values -}}
{{- $isApi := eq .component "api" -}}
{{- $preStop := ternary $values.preStopSeconds 0 $isApi -}}
{{- $name := printf "%s-%s" (include "user-service.fullname" .root) .component -}}
{{- $scope := dict "root" .root "component" .component "version" .version -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ ternary $name (printf "%s-%s" $name .track) (eq .track "stable") }}
  labels: {{- include "user-service.labels" $scope | nindent 4 }}
    track: {{ .track }}
spec:
  {{- if .replicas }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  progressDeadlineSeconds: 300
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels: {{- include "user-service.selector" $scope | nindent 6 }}
      track: {{ .track }}
  template:
    metadata:
      labels: {{- include "user-service.labels" $scope | nindent 8 }}
        track: {{ .track }}
        metrics: 'true'
        {{- if ne $values.datadog.mode "off" }}
        admission.datadoghq.com/enabled: 'false' # the chart sets all variables; a socket would be a host path, which the pod security profile forbids
        {{- end }}
      annotations:
        checksum/config: {{ include "user-service.settings" .root | sha256sum }}
        {{- if $values.secrets.values }}
        checksum/secrets: {{ toJson $values.secrets.values | sha256sum }}
        {{- end }}
        {{- if $values.secrets.vault.enabled }}{{ include "user-service.vaultAnnotations" $scope | nindent 8 }}{{ end }}
        {{- if eq $values.datadog.mode "node-agent" }}{{ include "user-service.agentAnnotations" . | nindent 8 }}{{ end }}
        {{- if eq $values.datadog.mode "sidecar" }}
        checksum/openmetrics: {{ .root.Files.Get "files/openmetrics.yaml" | sha256sum }}
        {{- end }}
        {{- with $values.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      serviceAccountName: {{ include "user-service.serviceAccount" $scope }}
      automountServiceAccountToken: false
      enableServiceLinks: false # a Service named redis would set REDIS_PORT=tcp://…
      terminationGracePeriodSeconds: {{ add $preStop $values.shutdownSeconds 5 }}
      securityContext: {{- include "user-service.podSecurity" . | nindent 8 }}
      {{- with $values.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with include "user-service.placement" .root | trim }}{{ . | nindent 6 }}{{ end }}
      topologySpreadConstraints: {{- include "user-service.spread" $scope | nindent 8 }}
      {{- if eq $values.datadog.mode "sidecar" }}
      initContainers: {{- include "user-service.agent" .root | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "user-service.processImage" $scope }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: [dist/bin/{{ .component }}.js]
          securityContext: {{- include "user-service.containerSecurity" . | nindent 12 }}
          envFrom:
            - configMapRef: { name: {{ include "user-service.fullname" .root }} }
          env: {{- include "user-service.identity" . | nindent 12 }}
          ports:
            {{- if $isApi }}
            - { name: http, containerPort: 8080 }
            {{- end }}
            - { name: management, containerPort: 8081 }
          startupProbe:
            httpGet: { path: /health/live, port: management }
            periodSeconds: 1
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /health/live, port: management }
            periodSeconds: 10
            timeoutSeconds: 3
          readinessProbe:
            httpGet: { path: /health/ready, port: management }
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 2
          {{- if $preStop }}
          lifecycle:
            preStop:
              sleep: { seconds: {{ $preStop }} }
          {{- end }}
          resources: {{- toYaml .role.resources | nindent 12 }}
          volumeMounts:
            {{- with include "user-service.secretsMount" .root }}{{ . | nindent 12 }}{{ end }}
            - { name: tmp, mountPath: /tmp }
            {{- if ne .component "relay" }}
            - { name: feature-flags, mountPath: /etc/user-service/feature-flags, readOnly: true } # a directory: a subPath would never change
            {{- end }}
            {{- if $values.management.operatorToken }}
            - { name: diagnostics, mountPath: /diagnostics }
            {{- end }}
            {{- include "user-service.extraMounts" .root | nindent 12 }}
      volumes:
        {{- include "user-service.secretsVolume" $scope | nindent 8 }}
        {{- if ne .component "relay" }}
        - name: feature-flags
          configMap: { name: {{ include "user-service.fullname" .root }}-feature-flags, optional: true }
        {{- end }}
        {{- if $values.management.operatorToken }}
        - name: diagnostics
          emptyDir: { sizeLimit: {{ $values.management.diagnosticsSize }} }
        {{- end }}
        - name: tmp
          emptyDir: { sizeLimit: 16Mi }
        {{- include "user-service.extraVolumes" .root | nindent 8 }}
        {{- if eq $values.datadog.mode "sidecar" }}{{ include "user-service.agentVolumes" .root | nindent 8 }}{{ end }}
{{- end }}

{{/* Environment variables of one process: its version, its pool size, its Datadog agent. Takes (root, version, role). */}}
{{- define "user-service.identity" -}}
- { name: DD_VERSION, value: {{ .version | quote }} }
{{- with .role.poolSize }}
- { name: POSTGRES_POOL_SIZE, value: {{ include "user-service.text" . | quote }} }
{{- end }}
{{- if and (eq .root.Values.datadog.mode "node-agent") (eq .root.Values.apm "datadog") }}
- name: DD_AGENT_HOST
  valueFrom: { fieldRef: { fieldPath: status.hostIP } }
{{- end }}
{{ include "user-service.extraEnv" .root }}
{{- end }}
