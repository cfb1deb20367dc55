{{/* Pod Security Standards, restricted: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */}}
{{- define "user-service.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "user-service.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* The secret files that a component mounts: only those that it reads. Takes (root, component). */}}
{{- define "user-service.secretFiles" -}}
{{- $values := .root.Values -}}
{{- $files := list "postgres_password" -}}
{{- if eq .component "migrate" }}{{ $files = list "postgres_migration_password" }}{{ end -}}
{{- if eq .component "api" -}}
{{- $files = concat $files (list "auth_signing_keys" "auth_clients") -}}
{{- if $values.redis.password }}{{ $files = append $files "redis_password" }}{{ end -}}
{{- else -}}
{{- $usesKafka := or (ne .component "migrate") $values.topics.create -}}
{{- if and $usesKafka (or $values.kafka.username (and (eq .component "migrate") $values.topics.username)) }}{{ $files = append $files "kafka_password" }}{{ end -}}
{{- if $values.schemaRegistry.username }}{{ $files = append $files "schema_registry_password" }}{{ end -}}
{{- end -}}
{{- range $files }}
- { key: {{ . }}, path: {{ . }} }
{{- end }}
{{- end }}
