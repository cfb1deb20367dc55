{{/* Settings with a value of their own in this chart: set in `config` or extraEnv they would contradict a port, a policy, a probe or a label. */}}
{{- define "user-service.managed" -}}
DD_SERVICE: the name of the chart
DD_ENV: environment
DD_VERSION: image.tag
APM: apm and datadog.mode
DATADOG_METRICS: datadog.mode
DD_SITE: datadog.site
DD_API_KEY: datadog.apiKeySecret
DD_TRACE_ENABLED: apm and datadog.mode
DD_AGENT_HOST: datadog.mode
DD_PROFILING_ENABLED: datadog.profiling
DD_DATA_STREAMS_ENABLED: datadog.dataStreams
NEW_RELIC_LICENSE_KEY: newRelic.licenseKeySecret
AUTH_ISSUER: publicUrl
FEATURE_FLAGS_FILE: featureFlags
HTTP_TRUST_PROXY: trustedProxies
HTTP_HOST: fixed, the pod's address
HTTP_PORT: fixed, 8080
HTTP_MANAGEMENT_DIAGNOSTICS_DIR: management.operatorToken
HTTP_MANAGEMENT_HOST: fixed, the pod's address
HTTP_MANAGEMENT_PORT: fixed, 8081
POSTGRES_HOST: postgres.host
POSTGRES_PORT: postgres.port
POSTGRES_DATABASE: postgres.database
POSTGRES_TLS: postgres.tls
POSTGRES_POOL_SIZE: poolSize of api, relay and worker
REDIS_HOST: redis.host
REDIS_PORT: redis.port
REDIS_TLS: redis.tls
KAFKA_BROKERS: kafka.brokers
KAFKA_TLS: kafka.tls
KAFKA_USERNAME: kafka.username
SCHEMA_REGISTRY_URL: schemaRegistry.url
SCHEMA_REGISTRY_USERNAME: schemaRegistry.username
OUTBOX_SHARDS: relay.shards
LIFECYCLE_SHUTDOWN_TIMEOUT_MS: shutdownSeconds
LIFECYCLE_DRAIN_DELAY_MS: drainSeconds
NODE_EXTRA_CA_CERTS: certificateAuthority
KAFKA_TOPICS_REPLICATION_FACTOR: topics.replicationFactor
KAFKA_TOPICS_MIN_INSYNC_REPLICAS: topics.minInsyncReplicas
KAFKA_TOPICS_ACLS: topics.acls
SECRETS_DIR: fixed, /etc/user-service/secrets
{{- end }}

{{- define "user-service.validateConfig" -}}
{{- $managed := fromYaml (include "user-service.managed" .) -}}
{{- $violations := list -}}
{{- range $name, $_ := .Values.config -}}
{{- with get $managed $name }}{{ $violations = append $violations (printf "config.%s is set by the chart (%s)." $name .) }}{{ end -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- $name := .name -}}
{{- with get $managed $name }}{{ $violations = append $violations (printf "extraEnv: %s is set by the chart (%s)." $name .) }}{{ end -}}
{{- end -}}
{{- with $violations }}{{ fail (join "\n" .) }}{{ end -}}
{{- end }}

{{- define "user-service.validateExtras" -}}
{{- $values := .Values -}}
{{- range $values.extraEnv -}}
{{- $name := .name -}}
{{- if hasKey $values.config $name -}}
{{- fail (printf "extraEnv: %s is also in config. Set it in one place." $name) -}}
{{- end -}}
{{- if and (hasKey . "value") (regexMatch "(PASSWORD|SECRET|TOKEN|KEYS?)$" $name) -}}
{{- fail (printf "extraEnv: %s looks like a secret in plain text. Use valueFrom.secretKeyRef, or mount a file." $name) -}}
{{- end -}}
{{- end -}}
{{- $volumes := list -}}
{{- range $values.extraVolumes -}}
{{- $volumes = append $volumes .name -}}
{{- if hasKey . "hostPath" -}}
{{- fail (printf "extraVolumes: %s is a hostPath, which the restricted pod security profile forbids." .name) -}}
{{- end -}}
{{- if regexMatch "^(secrets|tmp|feature-flags|certificate-authority|(datadog|vault|home)-.*)$" .name -}}
{{- fail (printf "extraVolumes: the name %s is used by the chart." .name) -}}
{{- end -}}
{{- end -}}
{{- range $values.extraVolumeMounts -}}
{{- if not (has .name $volumes) -}}
{{- fail (printf "extraVolumeMounts: %s is not in extraVolumes." .name) -}}
{{- end -}}
{{- if regexMatch "^(/|/etc|/(app|tmp|bin|dev|lib|lib64|proc|sbin|sys|usr|etc/user-service)(/.*)?)$" (clean .mountPath) -}}
{{- fail (printf "extraVolumeMounts: %s is used by the image or the chart." .mountPath) -}}
{{- end -}}
{{- end -}}
{{- end }}
