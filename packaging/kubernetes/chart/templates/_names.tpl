{{- define "harp.name" -}}
{{- if contains "harp" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ .Release.Name | trunc 35 | trimSuffix "-" }}-harp{{ end -}}
{{- end -}}

{{- define "harp.selector" -}}
{app.kubernetes.io/name: harp, app.kubernetes.io/instance: {{ .Release.Name }}}
{{- end -}}

{{- define "harp.account" -}}
{{ .Values.serviceAccount.existing | default (include "harp.name" .) }}
{{- end -}}

{{- /* Where it is, and whose. */ -}}
{{- define "harp.metadata" -}}
name: {{ include "harp.name" . }}
namespace: {{ .Release.Namespace }}
labels: {{ include "harp.selector" . }}
{{- end -}}

{{- /* The environment as one map: what the chart says, and what settings add. */ -}}
{{- define "harp.environment" -}}
{{- $aliases := list }}
{{- range $name, $address := .Values.exapps.hostAliases }}
{{- $aliases = append $aliases (printf "%s:%s" $name $address) }}
{{- end }}
{{- $all := dict
  "NC_INSTANCE_URL" .Values.nextcloudUrl
  "HP_TRUSTED_PROXY_IPS" (join "," .Values.trustedProxies)
  "HP_DOCKER_ENGINES" ""
  "HP_ADMIN_ADDRESS" "0.0.0.0:8200"
  "HP_K8S_ENABLED" "true"
  "HP_K8S_NAMESPACE" .Values.exapps.namespace
  "HP_K8S_DEFAULT_STORAGE_SIZE" .Values.exapps.storageSize -}}
{{- with .Values.exapps.storageClass }}{{ $_ := set $all "HP_K8S_STORAGE_CLASS" . }}{{ end }}
{{- with $aliases }}{{ $_ := set $all "HP_K8S_HOST_ALIASES" (join "," .) }}{{ end }}
{{- if .Values.exapps.restricted }}{{ $_ := set $all "HP_K8S_RESTRICTED" "true" }}{{ end }}
{{- /* Whoever connects to an ExApp without HaRP is not asked who he is. */ -}}
{{- if .Values.networkPolicy.enabled }}
{{- $itself := dict
  "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" .Release.Namespace))
  "podSelector" (dict "matchLabels" (include "harp.selector" . | fromYaml)) }}
{{- $_ := set $all "HP_K8S_NETWORK_POLICY" (prepend .Values.networkPolicy.exappsFrom $itself | toJson) }}
{{- end }}
{{- with .Values.cluster.url }}{{ $_ := set $all "HP_CLUSTER_URL" . }}{{ end }}
{{- if and .Values.cluster.url .Values.cluster.passwordSecret }}{{ $_ := set $all "HP_CLUSTER_PASSWORD_FILE" "/run/secrets/cluster/password" }}{{ end }}
{{- range $name, $value := .Values.settings }}
{{- /* Numbers of a file are floating ones, and a million would be 1e+06. */ -}}
{{- $_ := set $all $name (toString (kindIs "float64" $value | ternary (int64 $value) $value)) }}
{{- end }}
{{- toYaml $all }}
{{- end -}}

{{- /* Whether there is, or may be, more than one pod at a time. */ -}}
{{- define "harp.several" -}}
{{- if gt (int .Values.replicas) 1 }}true{{ end -}}
{{- end -}}
