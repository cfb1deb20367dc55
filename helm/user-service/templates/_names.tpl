{{/* Immutable labels, used as pod selectors. Takes (root, component). */}}
{{- define "user-service.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* All labels, with Datadog's unified service tags. Takes (root, component, version). */}}
{{- define "user-service.labels" -}}
{{ include "user-service.selector" . }}
app.kubernetes.io/version: {{ .version | quote }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
tags.datadoghq.com/service: {{ .root.Chart.Name }}
tags.datadoghq.com/env: {{ .root.Values.environment | quote }}
tags.datadoghq.com/version: {{ .version | quote }}
{{- end }}

{{- define "user-service.tag" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Takes (root, version). The digest applies to the stable image only; a canary is identified by its tag. */}}
{{- define "user-service.image" -}}
{{- $image := .root.Values.image -}}
{{- if and $image.digest (eq .version (include "user-service.tag" .root)) -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ .version }}
{{- end -}}
{{- end }}

{{- define "user-service.secret" -}}
{{ .Values.secrets.existingSecret | default .Release.Name }}
{{- end }}

{{- define "user-service.migrationSecret" -}}
{{ .Values.secrets.existingMigrationSecret | default (printf "%s-migration" .Release.Name) }}
{{- end }}
