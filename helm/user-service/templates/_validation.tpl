{{/* Rules across several values, which values.schema.json cannot express. Each message says which value to change. */}}
{{- define "user-service.validate" -}}
{{- $values := .Values -}}
{{- $secrets := $values.secrets -}}
{{- if has $values.environment (list "local" "test") -}}
{{- fail (printf "environment: %s is reserved for development machines and tests, because it allows secrets in plain environment variables. Set the name of the environment, e.g. staging." $values.environment) -}}
{{- end -}}
{{- range $tag := list (include "user-service.tag" .) $values.canary.tag -}}
{{- if eq $tag "latest" -}}
{{- fail "image.tag and canary.tag: latest is mutable. A rollback needs an immutable tag, e.g. 1.2.3." -}}
{{- end -}}
{{- end -}}
{{- $login := ternary "credentials" "password" $values.postgres.credentialsFile -}}
{{- if not (or $secrets.existingSecret $secrets.values $secrets.vault.enabled) -}}
{{- fail (printf "secrets.existingSecret or secrets.values is required unless secrets.vault.enabled is true, with the keys postgres_%s, auth_signing_keys and auth_clients." $login) -}}
{{- end -}}
{{- if and $values.migrations.enabled (not (or $secrets.existingMigrationSecret $secrets.migrationValues $secrets.vault.enabled)) -}}
{{- fail (printf "secrets.existingMigrationSecret or secrets.migrationValues is required when migrations.enabled is true and secrets.vault.enabled is not, with the key postgres_migration_%s." $login) -}}
{{- end -}}
{{- range list (list "existingSecret" "values") (list "existingMigrationSecret" "migrationValues") }}
{{- if and (index $.Values.secrets (first .)) (index $.Values.secrets (last .)) }}
{{- fail (printf "secrets.%s and secrets.%s are both set, and only the Secret that exists would be used. Set one of them to empty." (first .) (last .)) -}}
{{- end }}
{{- end }}
{{- include "user-service.validateVault" . -}}
{{- include "user-service.validateTelemetry" . -}}
{{- if and $values.ingress.enabled (not $values.ingress.hosts) -}}
{{- fail "ingress.hosts is required when ingress.enabled is true." -}}
{{- end -}}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs is required when httpRoute.enabled is true: the Gateway of the route." -}}
{{- end -}}
{{- if and (or $values.ingress.enabled $values.httpRoute.enabled) (not $values.trustedProxies) -}}
{{- fail "trustedProxies is required when ingress.enabled or httpRoute.enabled is true: without the CIDR blocks of the ingress controller or gateway all clients share one rate limit." -}}
{{- end -}}
{{- if lt (int $values.topics.replicationFactor) (int $values.topics.minInsyncReplicas) -}}
{{- fail "topics.minInsyncReplicas must not be greater than topics.replicationFactor: no event could be written." -}}
{{- end -}}
{{- if and $values.networkPolicy.enabled (not $values.networkPolicy.allowAnyPeer) -}}
{{- $peers := merge (dict "callers" $values.networkPolicy.callers "monitoring" $values.networkPolicy.monitoring) (deepCopy $values.networkPolicy.dependencies) -}}
{{- if eq $values.datadog.mode "off" }}{{ $peers = omit $peers "datadog" }}{{ end -}}
{{- if ne $values.apm "newrelic" }}{{ $peers = omit $peers "newRelic" }}{{ end -}}
{{- if not $secrets.vault.enabled }}{{ $peers = omit $peers "vault" }}{{ end -}}
{{- range $name, $list := $peers -}}
{{- if not $list -}}
{{- fail (printf "networkPolicy: %s has no peers. List them, or set networkPolicy.allowAnyPeer to allow any." (ternary $name (printf "dependencies.%s" $name) (has $name (list "callers" "monitoring")))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $values.certificateAuthority -}}
{{- if and .existingSecret .existingConfigMap -}}
{{- fail "certificateAuthority: set existingSecret or existingConfigMap, not both." -}}
{{- end -}}
{{- end -}}
{{- if and $values.synthetics.enabled (ge (int $values.synthetics.deadlineSeconds) (mul 60 $values.synthetics.everyMinutes | int)) -}}
{{- fail "synthetics.deadlineSeconds must be less than the interval synthetics.everyMinutes: the next run would be skipped." -}}
{{- end -}}
{{- include "user-service.validateEnvironment" . -}}
{{- include "user-service.validateConfig" . -}}
{{- include "user-service.validateExtras" . -}}
{{- if le (int $values.shutdownSeconds) (int $values.drainSeconds) -}}
{{- fail "shutdownSeconds must be greater than drainSeconds: draining is part of the shutdown." -}}
{{- end -}}
{{- range $component := list "api" "worker" -}}
{{- $role := index $values $component -}}
{{- if and $role.autoscaling.enabled (lt (int $role.autoscaling.maxReplicas) (int $role.replicas)) -}}
{{- fail (printf "%s.autoscaling.maxReplicas (%d) is less than %s.replicas (%d), which is the minimum of the autoscaler." $component (int $role.autoscaling.maxReplicas) $component (int $role.replicas)) -}}
{{- end -}}
{{- end -}}
{{- $needed := int (include "user-service.connections" .) -}}
{{- $allowed := div (mul 8 (int $values.postgres.maxConnections)) 10 -}}
{{- if gt $needed $allowed -}}
{{- fail (printf "The pods can open up to %d PostgreSQL connections, more than %d (80 %% of postgres.maxConnections). Reduce replicas or poolSize, or raise the server's max_connections." $needed $allowed) -}}
{{- end -}}
{{- end }}

{{/* Maximum number of PostgreSQL connections during a rolling update: (replicas + 1 surge pod) × connections per pod, plus one for the migration.
     A pod has its pool and one connection for the readiness check. api and worker have one to send notifications, the relay one per shard that it leads
     and one to listen. */}}
{{- define "user-service.connections" -}}
{{- $values := .Values -}}
{{- $api := add 1 (ternary (int $values.api.autoscaling.maxReplicas) (int $values.api.replicas) $values.api.autoscaling.enabled) -}}
{{- if $values.canary.tag }}{{ $api = add 1 $api (int $values.canary.replicas) }}{{ end -}}
{{- $worker := add 1 (ternary (int $values.worker.autoscaling.maxReplicas) (int $values.worker.replicas) $values.worker.autoscaling.enabled) -}}
{{- $relay := add 1 (int $values.relay.replicas) -}}
{{- $ofRelay := add 2 (int $values.relay.shards) (int $values.relay.poolSize) -}}
{{- add 1 (mul $api (add 2 (int $values.api.poolSize))) (mul $worker (add 2 (int $values.worker.poolSize))) (mul $relay $ofRelay) -}}
{{- end }}
