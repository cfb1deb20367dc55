{{/* What no schema can say: values that are well-formed and wrong. Each refusal says what to do. */}}
{{- define "user-service.refusals" -}}
{{- $values := .Values -}}
{{- $secrets := $values.secrets -}}
{{- if has $values.environment (list "local" "test") -}}
{{- fail (printf "environment: %s is for a laptop and for tests: it takes secrets from plain variables. Name the environment that this cluster is." $values.environment) -}}
{{- end -}}
{{- range $tag := list (include "user-service.tag" .) $values.canary.tag -}}
{{- if eq $tag "latest" -}}
{{- fail "image.tag: latest is another image tomorrow, and a rollback to it is none. Name a version." -}}
{{- end -}}
{{- end -}}
{{- if not (or $secrets.existingSecret $secrets.values) -}}
{{- fail "secrets.existingSecret is empty and secrets.values too: name a Secret with postgres_password, auth_signing_keys and auth_clients." -}}
{{- end -}}
{{- if and $values.migrations.enabled (not (or $secrets.existingMigrationSecret $secrets.migrationValues)) -}}
{{- fail "secrets.existingMigrationSecret is empty and secrets.migrationValues too: name a Secret with postgres_migration_password." -}}
{{- end -}}
{{- if and (eq $values.datadog.mode "sidecar") (not $values.datadog.apiKeySecret) -}}
{{- fail "datadog.mode is sidecar and datadog.apiKeySecret is empty: name a Secret with the key api-key." -}}
{{- end -}}
{{- if and $values.ingress.enabled (not $values.ingress.host) -}}
{{- fail "ingress.enabled is true and ingress.host is empty: name the public host." -}}
{{- end -}}
{{- if and $values.ingress.enabled (not $values.trustedProxies) -}}
{{- fail "ingress.enabled is true and trustedProxies is empty: every caller would count as the ingress, for one rate limit. Name its addresses." -}}
{{- end -}}
{{- if le (int $values.shutdownSeconds) (int $values.drainSeconds) -}}
{{- fail "shutdownSeconds must be more than drainSeconds: draining is a part of the shutdown." -}}
{{- end -}}
{{- $needed := int (include "user-service.connections" .) -}}
{{- $allowed := div (mul 8 (int $values.postgres.maxConnections)) 10 -}}
{{- if gt $needed $allowed -}}
{{- fail (printf "The pods could open %d connections, more than %d (80 %% of postgres.maxConnections). Lower replicas or poolSize, or raise the server's limit." $needed $allowed) -}}
{{- end -}}
{{- end }}

{{/* The most connections that a release opens while one version replaces another: replicas × pool, one more pod of each role, what the relay holds
     for leadership and notifications, and the migration. */}}
{{- define "user-service.connections" -}}
{{- $values := .Values -}}
{{- $api := add 1 (ternary (int $values.api.autoscaling.maxReplicas) (int $values.api.replicas) $values.api.autoscaling.enabled) -}}
{{- if $values.canary.tag }}{{ $api = add 1 $api (int $values.canary.replicas) }}{{ end -}}
{{- $worker := add 1 (ternary (int $values.worker.autoscaling.maxReplicas) (int $values.worker.replicas) $values.worker.autoscaling.enabled) -}}
{{- $relay := add 1 (int $values.relay.replicas) -}}
{{- $ofRelay := add 1 (int $values.relay.shards) (int $values.relay.poolSize) -}}
{{- add 1 (mul $api (int $values.api.poolSize)) (mul $worker (int $values.worker.poolSize)) (mul $relay $ofRelay) -}}
{{- end }}
