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

{{/* The mount of the secret files; the injector of Vault adds its own. Takes the root. */}}
{{- define "user-service.secretsMount" -}}
{{- if not .Values.secrets.vault.enabled -}}
- { name: secrets, mountPath: /etc/user-service/secrets, readOnly: true }
{{- end }}
{{- end }}

{{/* The volume with the secret files of a process: those of the service, and a key of its telemetry. Takes (root, component). */}}
{{- define "user-service.secretsVolume" -}}
{{- $values := .root.Values -}}
{{- if $values.secrets.vault.enabled -}}
{{ include "user-service.vaultToken" .root }}
{{- else -}}
{{- $secret := include "user-service.secret" .root -}}
{{- $keys := list -}}
{{- if eq $values.datadog.mode "embedded" }}{{ $keys = append $keys (dict "secret" $values.datadog.apiKeySecret "key" "api-key" "path" "dd_api_key") }}{{ end -}}
{{- if eq $values.apm "newrelic" }}{{ $keys = append $keys (dict "secret" $values.newRelic.licenseKeySecret "key" "license-key" "path" "new_relic_license_key") }}{{ end -}}
- name: secrets
  {{- if $keys }}
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ $secret }}
          items: {{- include "user-service.secretFiles" . | nindent 12 }}
      {{- range $keys }}
      - secret:
          name: {{ .secret }}
          items: [{ key: {{ .key }}, path: {{ .path }} }]
      {{- end }}
  {{- else }}
  secret:
    secretName: {{ $secret }}
    defaultMode: 0440
    items: {{- include "user-service.secretFiles" . | nindent 6 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The secret files of a component: only those that it reads. Takes (root, component). @returns a JSON array */}}
{{- define "user-service.secretNames" -}}
{{- $values := .root.Values -}}
{{- $login := ternary "credentials" "password" (or $values.secrets.vault.enabled $values.postgres.credentialsFile) -}}
{{- $files := list (printf "postgres_%s" $login) -}}
{{- if eq .component "migrate" }}{{ $files = list (printf "postgres_migration_%s" $login) }}{{ end -}}
{{- if eq .component "api" -}}
{{- $files = concat $files (list "auth_signing_keys" "auth_clients") -}}
{{- if $values.redis.password }}{{ $files = append $files "redis_password" }}{{ end -}}
{{- else -}}
{{- $usesKafka := or (ne .component "migrate") $values.topics.create -}}
{{- if and $usesKafka (or $values.kafka.username (and (eq .component "migrate") $values.topics.username)) }}{{ $files = append $files "kafka_password" }}{{ end -}}
{{- if $values.schemaRegistry.username }}{{ $files = append $files "schema_registry_password" }}{{ end -}}
{{- end -}}
{{- if and (ne .component "migrate") $values.management.operatorToken }}{{ $files = append $files "http_management_token" }}{{ end -}}
{{- toJson $files -}}
{{- end }}

{{/* The items of a volume with these files. Takes (root, component). */}}
{{- define "user-service.secretFiles" -}}
{{- range include "user-service.secretNames" . | fromJsonArray }}
- { key: {{ . }}, path: {{ . }} }
{{- end }}
{{- end }}
