{{/* The text of a value. Helm reads the numbers of a values file as floating-point numbers and would write 1000000 as 1e+06. */}}
{{- define "user-service.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{/* Settings common to all processes, see docs/configuration.md. `config` adds to them; _validation.tpl rejects those that the chart sets. */}}
{{- define "user-service.settings" -}}
{{- $values := .Values -}}
{{- $settings := dict
  "DD_SERVICE" .Chart.Name
  "DD_ENV" $values.environment
  "SECRETS_DIR" "/etc/user-service/secrets"
  "FEATURE_FLAGS_FILE" "/etc/user-service/feature-flags/feature-flags.json"
  "AUTH_ISSUER" $values.publicUrl
  "HTTP_TRUST_PROXY" (join "," $values.trustedProxies)
  "POSTGRES_HOST" $values.postgres.host
  "POSTGRES_PORT" (include "user-service.text" $values.postgres.port)
  "POSTGRES_DATABASE" $values.postgres.database
  "POSTGRES_TLS" $values.postgres.tls
  "REDIS_HOST" $values.redis.host
  "REDIS_PORT" (include "user-service.text" $values.redis.port)
  "REDIS_TLS" (include "user-service.text" $values.redis.tls)
  "KAFKA_BROKERS" (join "," $values.kafka.brokers)
  "KAFKA_TLS" (include "user-service.text" $values.kafka.tls)
  "KAFKA_USERNAME" $values.kafka.username
  "SCHEMA_REGISTRY_URL" $values.schemaRegistry.url
  "SCHEMA_REGISTRY_USERNAME" $values.schemaRegistry.username
  "OUTBOX_SHARDS" (include "user-service.text" $values.relay.shards)
  "LIFECYCLE_SHUTDOWN_TIMEOUT_MS" (toString (mul 1000 (int $values.shutdownSeconds)))
  "LIFECYCLE_DRAIN_DELAY_MS" (toString (mul 1000 (int $values.drainSeconds)))
-}}
{{- if $values.management.operatorToken }}{{ $_ := set $settings "HTTP_MANAGEMENT_DIAGNOSTICS_DIR" "/diagnostics/files" }}{{ end -}}
{{- $telemetry := include "user-service.telemetrySettings" . | fromYaml -}}
{{- range $name, $value := merge (deepCopy $values.config) $settings $telemetry }}
{{ $name }}: {{ include "user-service.text" $value | quote }}
{{- end }}
{{- end }}
