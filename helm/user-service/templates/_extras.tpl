{{/* What is added to every pod of the service and of the migration: the certificate authority of the dependencies, and the values extra…. Each takes
     the root. */}}
{{- define "user-service.extraEnv" -}}
{{- if include "user-service.authority" . }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/user-service/ca/ca.crt }
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "user-service.extraMounts" -}}
{{- if include "user-service.authority" . }}
- { name: certificate-authority, mountPath: /etc/user-service/ca, readOnly: true }
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "user-service.extraVolumes" -}}
{{- with include "user-service.authority" . }}
- name: certificate-authority
  {{- . | nindent 2 }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The source of the volume with the certificate authority; empty without one. */}}
{{- define "user-service.authority" -}}
{{- with .Values.certificateAuthority -}}
{{- $items := list (dict "key" .key "path" "ca.crt") -}}
{{- if .existingSecret -}}
secret: {{ toJson (dict "secretName" .existingSecret "defaultMode" 0440 "items" $items) }}
{{- else if .existingConfigMap -}}
configMap: {{ toJson (dict "name" .existingConfigMap "items" $items) }}
{{- end -}}
{{- end -}}
{{- end }}
