{{/* What a process sends spans with: datadog, newrelic or none. */}}
{{- define "user-service.apm" -}}
{{- $noAgent := and (eq .Values.apm "datadog") (eq .Values.datadog.mode "off") -}}
{{- ternary "none" .Values.apm $noAgent -}}
{{- end }}

{{/* Settings of all processes, as a map. */}}
{{- define "user-service.telemetrySettings" -}}
APM: {{ include "user-service.apm" . }}
{{- with .Values.datadog }}
{{- if eq .mode "embedded" }}
DATADOG_METRICS: push
DD_SITE: {{ .site }}
{{- end }}
{{- if .profiling }}
DD_PROFILING_ENABLED: 'true'
{{- end }}
{{- if .dataStreams }}
DD_DATA_STREAMS_ENABLED: 'true'
{{- end }}
{{- end }}
{{- end }}

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
    - { name: DD_USE_DOGSTATSD, value: 'false' } # metrics are read from /metrics
    # not the node's: two pods of a node would send the same series, and Datadog keeps one point of each
    - { name: DD_HOSTNAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
    - { name: DD_API_KEY, valueFrom: { secretKeyRef: { name: {{ $datadog.apiKeySecret }}, key: api-key } } }
  ports:
    - { name: traces, containerPort: 8126 }
  startupProbe: { tcpSocket: { port: traces }, periodSeconds: 2, failureThreshold: 60 }
  livenessProbe: { tcpSocket: { port: traces }, periodSeconds: 15 }
  readinessProbe: { tcpSocket: { port: traces }, periodSeconds: 15 }
  resources: { requests: { cpu: 100m, memory: 192Mi }, limits: { memory: 320Mi } }
  volumeMounts:
    - { name: datadog-config, mountPath: /etc/datadog-agent }
    - { name: datadog-check, mountPath: /etc/datadog-agent/conf.d/openmetrics.d, readOnly: true }
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
- name: datadog-check
  configMap: { name: {{ include "user-service.fullname" . }}-openmetrics }
{{- end }}

{{/* Autodiscovery annotations for the agent of the node: its OpenMetrics check of one process, with the configuration of the sidecar, and its logs. The
     name of the pod keeps the series of two pods on one node apart. https://docs.datadoghq.com/containers/kubernetes/integrations/
     Takes (root, component). */}}
{{- define "user-service.agentAnnotations" -}}
{{- $instances := list -}}
{{- range (.root.Files.Get "files/openmetrics.yaml" | fromYaml).instances -}}
{{- $endpoint := replace "localhost" "%%host%%" .openmetrics_endpoint -}}
{{- $instances = append $instances (merge (dict "openmetrics_endpoint" $endpoint "tags" (list "pod_name:%%kube_pod_name%%")) .) -}}
{{- end -}}
ad.datadoghq.com/{{ .component }}.checks: {{ dict "openmetrics" (dict "init_config" dict "instances" $instances) | toJson | squote }}
ad.datadoghq.com/{{ .component }}.logs: {{ list (dict "source" "nodejs" "service" .root.Chart.Name) | toJson | squote }}
{{- end }}
