{{/* The agent injector of Vault: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations. It adds a container that writes the
     secret files before the others start, and to a pod that stays another one that keeps writing them. */}}

{{/* Takes (root, component). */}}
{{- define "user-service.vaultAnnotations" -}}
{{- $vault := .root.Values.secrets.vault -}}
{{- $annotations := dict
  "agent-inject" "true"
  "auth-path" $vault.authPath
  "role" (index $vault.roles .component)
  "agent-service-account-token-volume-name" "vault-token"
  "secret-volume-path" "/etc/user-service/secrets"
  "agent-set-security-context" "true"
  "agent-run-as-user" "10001"
  "agent-run-as-group" "10001"
  "auth-max-backoff" "20s"
  "template-static-secret-render-interval" $vault.renderInterval
  "template-config-exit-on-retry-failure" "false"
-}}
{{- /* `false`: an agent that ends because Vault is away makes the pod unready, although the service has all it needs. */ -}}
{{- if eq .component "migrate" -}}
{{- $_ := set $annotations "agent-init-first" "true" -}}
{{- $_ := set $annotations "agent-pre-populate-only" "true" -}}
{{- else -}}
{{- /* The injector's command is the same without `exec`: its shell would ignore SIGTERM, and each pod end with its grace period only. */ -}}
{{- $command := "echo ${VAULT_CONFIG?} | base64 -d > /home/vault/config.json && exec vault agent -config=/home/vault/config.json" -}}
{{- $_ := set $annotations "agent-json-patch" (list (dict "op" "replace" "path" "/args/0" "value" $command) | toJson) -}}
{{- end -}}
{{- with $vault.address }}{{ $_ := set $annotations "service" . }}{{ end -}}
{{- with $vault.namespace }}{{ $_ := set $annotations "namespace" . }}{{ end -}}
{{- with $vault.image }}{{ $_ := set $annotations "agent-image" . }}{{ end -}}
{{- with $vault.certificateAuthority -}}
{{- if .existingSecret -}}
{{- $_ := set $annotations "tls-secret" .existingSecret -}}
{{- $_ := set $annotations "ca-cert" (printf "/vault/tls/%s" .key) -}}
{{- end -}}
{{- end -}}
{{- range $kind := list "requests" "limits" -}}
{{- $amounts := index $vault.resources $kind -}}
{{- $_ := set $annotations (printf "agent-%s-cpu" $kind) (get $amounts "cpu" | toString) -}}
{{- $_ := set $annotations (printf "agent-%s-mem" $kind) (get $amounts "memory" | toString) -}}
{{- end -}}
{{- range $file := include "user-service.secretNames" . | fromJsonArray -}}
{{- $source := include "user-service.vaultTemplate" (dict "root" $.root "file" $file) -}}
{{- $_ := set $annotations (printf "agent-inject-secret-%s" $file) (regexFind `secret "[^"]+"` $source | trimPrefix `secret "` | trimSuffix `"`) -}}
{{- $_ := set $annotations (printf "agent-inject-template-%s" $file) $source -}}
{{- $_ := set $annotations (printf "agent-inject-perms-%s" $file) "0440" -}}
{{- $_ := set $annotations (printf "error-on-missing-key-%s" $file) "true" -}}
{{- end -}}
{{- $all := dict -}}
{{- range $name, $value := $annotations }}{{ $_ := set $all (printf "vault.hashicorp.com/%s" $name) $value }}{{ end -}}
{{- range $name, $value := merge (deepCopy $vault.annotations) $all }}
{{ $name }}: {{ include "user-service.text" $value | quote }}
{{- end }}
{{- end }}

{{/* The template of one file, with the mounts and roles of the values. Takes (root, file). */}}
{{- define "user-service.vaultTemplate" -}}
{{- $vault := .root.Values.secrets.vault -}}
{{- $directory := ternary "static/" "" (and (eq $vault.credentials "static") (hasSuffix "_credentials" .file)) -}}
{{- .root.Files.Get (printf "files/vault/%s%s.ctmpl" $directory .file)
    | replace "user-service/data/" (printf "%s/data/" $vault.mounts.kv)
    | replace "database/creds/" (printf "%s/creds/" $vault.mounts.database)
    | replace "database/static-creds/" (printf "%s/static-creds/" $vault.mounts.database)
    | replace "creds/user-service-app" (printf "creds/%s" $vault.databaseRoles.app)
    | replace "creds/user-service-owner" (printf "creds/%s" $vault.databaseRoles.owner)
    | trim -}}
{{- end }}

{{/* The token that the agent logs in with. The injector mounts it into its own containers only: the pods have no token for the Kubernetes API. */}}
{{- define "user-service.vaultToken" -}}
- name: vault-token
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: { path: token, audience: {{ include "user-service.text" .Values.secrets.vault.audience | quote }}, expirationSeconds: 3600 }
{{- end }}

{{/* Rules across the values of Vault. */}}
{{- define "user-service.validateVault" -}}
{{- $values := .Values -}}
{{- if $values.secrets.vault.enabled -}}
{{- range $source := list "existingSecret" "existingMigrationSecret" "values" "migrationValues" -}}
{{- if index $values.secrets $source -}}
{{- fail (printf "secrets.%s must be empty when secrets.vault.enabled is true: the secrets have one source." $source) -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := $values.podAnnotations -}}
{{- if hasPrefix "vault.hashicorp.com/" $name -}}
{{- fail (printf "podAnnotations: %s belongs into secrets.vault.annotations, which the migration has as well." $name) -}}
{{- end -}}
{{- end -}}
{{- if has $values.datadog.mode (list "sidecar" "embedded") -}}
{{- fail (printf "datadog.mode: %s can't be combined with secrets.vault.enabled: the injector would mount the secrets into Datadog's container, or hide the API key. Use node-agent." $values.datadog.mode) -}}
{{- end -}}
{{- if and $values.topics.create $values.topics.username -}}
{{- fail "topics.username must be empty when secrets.vault.enabled is true: Vault has one password of Kafka, that of kafka.username." -}}
{{- end -}}
{{- if eq $values.apm "newrelic" -}}
{{- fail "apm: newrelic can't be combined with secrets.vault.enabled: the volume of the injector would hide the license key." -}}
{{- end -}}
{{- end -}}
{{- end }}
