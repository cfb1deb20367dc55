{{/* The Datadog agent as a native sidecar: it starts before the main container and stops after it. An init container copies its configuration to a
     volume, because the root file system is read-only. Image names: https://docs.datadoghq.com/containers/guide/changing_container_registry */}}
{{- define "user-service.agent" -}}
{{- $datadog := .Values.datadog -}}
- name: datadog-config
  image: {{ $datadog.image }}
  command: [cp, -r, /etc/datadog-agent/., /config]
  securityContext: {{- include "user-service.containerSecurity" . | nindent 4 }}
  resources: { requests: { cpu: 50m, memory: 32Mi }, limits: { memory: 64Mi } }
  volumeMounts:
    - { name: datadog-config, mountPath: /config }
- name: datadog-agent
  image: {{ $datadog.image }}
  restartPolicy: Always
  securityContext: {{- include "user-service.containerSecurity" . | nindent 4 }}
  env:
    - { name: DD_SITE, value: {{ $datadog.site }} }
    - { name: DD_ENV, value: {{ .Values.environment | quote }} }
    - { name: DD_APM_ENABLED, value: 'true' }
    - { name: DD_KUBELET_CLIENT_CA, value: '' }
    - { name: DD_HOSTNAME, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
    - { name: DD_API_KEY, valueFrom: { secretKeyRef: { name: {{ $datadog.apiKeySecret }}, key: api-key } } }
  ports:
    - { name: traces, containerPort: 8126 }
  startupProbe: { tcpSocket: { port: traces }, periodSeconds: 2, failureThreshold: 60 }
  livenessProbe: { tcpSocket: { port: traces }, periodSeconds: 15 }
  readinessProbe: { tcpSocket: { port: traces }, periodSeconds: 15 }
  resources: { requests: { cpu: 100m, memory: 192Mi }, limits: { memory: 320Mi } }
  volumeMounts:
    - { name: datadog-config, mountPath: /etc/datadog-agent }
    - { name: datadog-run, mountPath: /opt/datadog-agent/run }
    - { name: datadog-run, mountPath: /var/run/datadog }
    - { name: datadog-log, mountPath: /var/log/datadog }
    - { name: tmp, mountPath: /tmp }
{{- end }}

{{- define "user-service.agentVolumes" -}}
{{- range list "datadog-config" "datadog-run" "datadog-log" }}
- name: {{ . }}
  emptyDir: { sizeLimit: 64Mi }
{{- end }}
{{- end }}

{{/* Autodiscovery annotation: the agent's OpenMetrics check of one process. Takes (component). */}}
{{- define "user-service.agentCheck" -}}
ad.datadoghq.com/{{ .component }}.checks: |
  {"openmetrics": {"instances": [{"openmetrics_endpoint": "http://%%host%%:8081/metrics", "namespace": "", "metrics": [
    {"user_registrations": "user.registrations"}, {"order_processing_time_seconds": "order.processing.time"}, ".*"]}]}}
{{- end }}
