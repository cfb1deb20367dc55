{{/* Rules across the values of telemetry. */}}
{{- define "user-service.validateTelemetry" -}}
{{- $datadog := .Values.datadog -}}
{{- if and (has $datadog.mode (list "sidecar" "embedded")) (not $datadog.apiKeySecret) -}}
{{- fail (printf "datadog.apiKeySecret is required when datadog.mode is %s: a Secret with the key api-key." $datadog.mode) -}}
{{- end -}}
{{- if and (eq .Values.apm "newrelic") (not .Values.newRelic.licenseKeySecret) -}}
{{- fail "newRelic.licenseKeySecret is required when apm is newrelic: a Secret with the key license-key." -}}
{{- end -}}
{{- $hasAgent := and (eq .Values.apm "datadog") (has $datadog.mode (list "node-agent" "sidecar")) -}}
{{- range $feature := list "profiling" "dataStreams" -}}
{{- if and (index $datadog $feature) (not $hasAgent) -}}
{{- fail (printf "datadog.%s sends to an agent: set datadog.mode to node-agent or sidecar, and apm to datadog." $feature) -}}
{{- end -}}
{{- end -}}
{{- end }}
