{{/* Where pods may run: those of the processes, of the migration and of `helm test`. Takes the root. */}}
{{- define "user-service.placement" -}}
{{- range $field := list "nodeSelector" "tolerations" "affinity" "priorityClassName" }}
{{- with index $.Values $field }}
{{ toYaml (dict $field .) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Spreads the pods of a component over zones, where nodes have that label, and over nodes. Only nodes count where a pod can start: a cordoned node
     without a pod would otherwise keep every other node from getting a second one. Takes (root, component). */}}
{{- define "user-service.spread" -}}
{{- $strict := .root.Values.topologySpread -}}
{{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- topologyKey: {{ $key }}
  maxSkew: 1
  whenUnsatisfiable: {{ ternary "ScheduleAnyway" $strict (eq $key "topology.kubernetes.io/zone") }}
  nodeTaintsPolicy: Honor
  nodeAffinityPolicy: Honor
  labelSelector:
    matchLabels: {{- include "user-service.selector" $ | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}

{{/* The number of pods of a component; empty if only the autoscaler sets it. Helm deletes a field that its next manifest lacks, and Kubernetes would then
     start from one pod: with an autoscaler the present number is kept instead. Takes (root, component, role). */}}
{{- define "user-service.replicas" -}}
{{- $autoscaling := .role.autoscaling | default dict -}}
{{- if not $autoscaling.enabled -}}
{{- .role.replicas -}}
{{- else if $autoscaling.keepReplicas -}}
{{- $live := lookup "apps/v1" "Deployment" .root.Release.Namespace (printf "%s-%s" (include "user-service.fullname" .root) .component) -}}
{{- max .role.replicas (dig "spec" "replicas" 0 $live | int) -}}
{{- end -}}
{{- end }}
