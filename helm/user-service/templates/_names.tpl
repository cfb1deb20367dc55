{{- define "user-service.name" -}}
{{ .Values.nameOverride | default .Chart.Name }}
{{- end }}

{{/* The beginning of all names: the name of the release. A long one is shortened, so that no name has more than 63 characters. */}}
{{- define "user-service.fullname" -}}
{{- $name := .Values.fullnameOverride | default .Release.Name -}}
{{- if gt (len $name) 44 -}}
{{- $name = printf "%s-%s" (trunc 36 $name | trimSuffix "-") (sha256sum $name | trunc 7) -}}
{{- end -}}
{{- $name -}}
{{- end }}

{{/* Immutable labels, used as pod selectors. Takes (root, component). */}}
{{- define "user-service.selector" -}}
app.kubernetes.io/name: {{ include "user-service.name" .root }}
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
{{- $repository := list $image.registry $image.repository | compact | join "/" -}}
{{- if and $image.digest (eq .version (include "user-service.tag" .root)) -}}
{{ $repository }}@{{ $image.digest }}
{{- else -}}
{{ $repository }}:{{ .version }}
{{- end -}}
{{- end }}

{{/* The image of the processes: with `apm: newrelic` the one that contains its agent. Takes (root, version). */}}
{{- define "user-service.processImage" -}}
{{- $image := include "user-service.image" . -}}
{{- $hasSuffix := and (eq .root.Values.apm "newrelic") (not (contains "@" $image)) -}}
{{ $image }}{{ ternary .root.Values.newRelic.imageSuffix "" $hasSuffix }}
{{- end }}

{{- define "user-service.secret" -}}
{{ .Values.secrets.existingSecret | default (include "user-service.fullname" .) }}
{{- end }}

{{- define "user-service.migrationSecret" -}}
{{ .Values.secrets.existingMigrationSecret | default (printf "%s-migration" (include "user-service.fullname" .)) }}
{{- end }}

{{/* Each role has an account of its own where Vault tells them apart. Takes (root, component). */}}
{{- define "user-service.serviceAccount" -}}
{{- $name := include "user-service.fullname" .root -}}
{{ ternary (printf "%s-%s" $name .component) $name .root.Values.secrets.vault.enabled }}
{{- end }}
