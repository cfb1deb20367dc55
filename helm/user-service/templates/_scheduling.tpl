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
