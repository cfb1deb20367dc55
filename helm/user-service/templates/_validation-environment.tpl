{{/* An allow-list and not an exception: the process itself can only refuse the names of production that it knows. */}}
{{- define "user-service.validateFaultInjection" -}}
{{- $isSet := not (empty (get .Values.config "FAULT_INJECTION")) -}}
{{- range .Values.extraEnv -}}
{{- if eq .name "FAULT_INJECTION" }}{{ $isSet = true }}{{ end -}}
{{- end -}}
{{- if and $isSet (not (has .Values.environment (list "dev" "staging"))) -}}
{{- fail (printf "FAULT_INJECTION is for the environments dev and staging, not for %s: it makes requests fail on purpose." .Values.environment) -}}
{{- end -}}
{{- end }}

{{/* What is fine on a development cluster and loses requests or protection elsewhere. The names are those of `exceptions` in the values. */}}
{{- define "user-service.validateEnvironment" -}}
{{- $values := .Values -}}
{{- include "user-service.validateFaultInjection" . -}}
{{- if ne $values.environment "dev" -}}
{{- $path := list $values.image.registry $values.image.repository | compact | join "/" | splitList "/" -}}
{{- if or (lt (len $path) 2) (not (regexMatch "[.:]|^localhost$" (first $path))) -}}
{{- fail (printf "image.registry is required in the environment %s: without a host the image %s comes from Docker Hub, where anybody may publish one of that name." $values.environment (join "/" $path)) -}}
{{- end -}}
{{- $violations := dict -}}
{{- if hasPrefix "http:" $values.publicUrl }}{{ $_ := set $violations "publicUrl" (printf "%s is not https: tokens and passwords would cross the network in plain text" $values.publicUrl) }}{{ end -}}
{{- range $component := list "api" "relay" "worker" -}}
{{- if eq (int (index $values $component "replicas")) 1 }}{{ $_ := set $violations "replicas" (printf "one pod of %s: nothing takes over while its node is drained or fails" $component) }}{{ end -}}
{{- end -}}
{{- range $name := list "preStopSeconds" "drainSeconds" -}}
{{- if eq (int (index $values $name)) 0 }}{{ $_ := set $violations $name "0: requests fail when pods are replaced" }}{{ end -}}
{{- end -}}
{{- if eq $values.postgres.tls "disable" }}{{ $_ := set $violations "postgres.tls" "disable: personal data would cross the network in plain text" }}{{ end -}}
{{- range $store := list "redis" "kafka" -}}
{{- if not (index $values $store "tls") }}{{ $_ := set $violations (printf "%s.tls" $store) "false: personal data would cross the network in plain text" }}{{ end -}}
{{- end -}}
{{- if not $values.redis.password }}{{ $_ := set $violations "redis.password" "false: whoever reaches Redis could revoke sessions and read cached users" }}{{ end -}}
{{- if hasPrefix "http:" $values.schemaRegistry.url }}{{ $_ := set $violations "schemaRegistry.url" (printf "%s is not https" $values.schemaRegistry.url) }}{{ end -}}
{{- if not $values.networkPolicy.enabled }}{{ $_ := set $violations "networkPolicy.enabled" "false: every pod of the cluster could reach the management port" }}{{ end -}}
{{- if and $values.topics.create (eq (int $values.topics.replicationFactor) 1) }}{{ $_ := set $violations "topics.replicationFactor" "1: events are lost with the disk of one broker" }}{{ end -}}
{{- with $values.secrets.vault -}}
{{- if hasPrefix "http:" .address }}{{ $_ := set $violations "secrets.vault.address" (printf "%s is not https: secrets would cross the network in plain text" .address) }}{{ end -}}
{{- range $name := list "tls-skip-verify" "agent-inject-token" -}}
{{- if not (has (get $values.secrets.vault.annotations (printf "vault.hashicorp.com/%s" $name) | lower) (list "" "0" "f" "false")) }}{{ $_ := set $violations "secrets.vault.annotations" (printf "%s: %s" $name (ternary "anybody on the network could be Vault" "the process would hold the token of its agent" (eq $name "tls-skip-verify"))) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $rejected := list -}}
{{- range $name, $violation := $violations -}}
{{- if not (has $name $values.exceptions) }}{{ $rejected = append $rejected (printf "%s: %s. If it is meant, add %s to exceptions." $name $violation $name) }}{{ end -}}
{{- end -}}
{{- with $rejected -}}
{{- fail (printf "Rejected in the environment %s:\n%s" $values.environment (join "\n" .)) -}}
{{- end -}}
{{- end -}}
{{- end }}
