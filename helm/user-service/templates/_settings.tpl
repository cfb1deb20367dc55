{{/* Settings common to all processes, see docs/configuration.md. Values in `config` take precedence. */}}
{{- define "user-service.settings" -}}
{{- $values := .Values -}}
{{- $settings := dict
  "DD_SERVICE" .Chart.Name
  "DD_ENV" $values.environment
  "AUTH_ISSUER" $values.publicUrl
  "HTTP_TRUST_PROXY" (join "," $values.trustedProxies)
  "POSTGRES_HOST" $values.postgres.host
  "POSTGRES_PORT" (toString $values.postgres.port)
  "POSTGRES_DATABASE" $values.postgres.database
  "POSTGRES_TLS" $values.postgres.tls
  "REDIS_HOST" $values.redis.host
  "REDIS_PORT" (toString $values.redis.port)
  "REDIS_TLS" (toString $values.redis.tls)
  "KAFKA_BROKERS" (join "," $values.kafka.brokers)
  "KAFKA_TLS" (toString $values.kafka.tls)
  "KAFKA_USERNAME" $values.kafka.username
  "SCHEMA_REGISTRY_URL" $values.schemaRegistry.url
  "SCHEMA_REGISTRY_USERNAME" $values.schemaRegistry.username
  "OUTBOX_SHARDS" (toString $values.relay.shards)
  "LIFECYCLE_SHUTDOWN_TIMEOUT_MS" (toString (mul 1000 (int $values.shutdownSeconds)))
  "LIFECYCLE_DRAIN_DELAY_MS" (toString (mul 1000 (int $values.drainSeconds)))
-}}
{{- if eq $values.datadog.mode "off" }}{{ $_ := set $settings "DD_TRACE_ENABLED" "false" }}{{ end -}}
{{- range $name, $value := merge (deepCopy $values.config) $settings }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
