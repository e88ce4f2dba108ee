{{- /* What a schema can't say, or would say with the key in it. */ -}}
{{- define "harp.check" -}}
{{- with .Values.sharedKey }}
{{- if and .value .existingSecret }}
{{- fail "sharedKey: set existingSecret or value, not both" }}
{{- else if not (or .value .existingSecret) }}
{{- fail "sharedKey: set existingSecret, the name of a Secret with the entry HP_SHARED_KEY, or value, the key itself" }}
{{- else if and .value (not (regexMatch "^[ !#-\\[\\]-~]{16,}$" .value)) }}
{{- fail "sharedKey.value: expected 16 characters or more, printable ASCII without quotation mark and backslash" }}
{{- end }}
{{- end }}
{{- if and .Values.certs.existingClaim .Values.certs.secret }}
{{- fail "certs: set existingClaim or secret, not both" }}
{{- end }}
{{- if and (gt (int .Values.replicas) 1) (not .Values.cluster.url) }}
{{- fail "replicas: more than one need cluster.url, a Redis or Valkey over which they share what they know" }}
{{- end }}
{{- if and (gt (int .Values.replicas) 1) .Values.certs.existingClaim }}
{{- fail "certs.existingClaim: a volume is one pod's; with several replicas set certs.secret, or neither" }}
{{- end }}
{{- $instead := dict
  "HP_CLUSTER_URL" "cluster.url" "HP_CLUSTER_PASSWORD_FILE" "cluster.passwordSecret"
  "HP_SHARED_KEY" "sharedKey" "HP_SHARED_KEY_FILE" "sharedKey" "NC_INSTANCE_URL" "nextcloudUrl"
  "HP_TRUSTED_PROXY_IPS" "trustedProxies" "HP_K8S_NAMESPACE" "exapps.namespace"
  "HP_K8S_STORAGE_CLASS" "exapps.storageClass" "HP_K8S_DEFAULT_STORAGE_SIZE" "exapps.storageSize"
  "HP_K8S_HOST_ALIASES" "exapps.hostAliases" "HP_K8S_RESTRICTED" "exapps.restricted"
  "HP_K8S_NETWORK_POLICY" "networkPolicy.exappsFrom" }}
{{- $fixed := list "HP_K8S_ENABLED" "HP_ADMIN_ADDRESS" "HP_EXAPPS_ADDRESS" "HP_FRP_ADDRESS" "HP_CERTS_DIR"
  "HP_CLUSTER_NODE" "HP_CLUSTER_ADDRESS" "HP_CLUSTER_ADVERTISE" }}
{{- range $name, $_ := .Values.settings }}
{{- if hasKey $instead $name }}
{{- fail (printf "settings.%s: set %s instead" $name (get $instead $name)) }}
{{- else if has $name $fixed }}
{{- fail (printf "settings.%s: the chart sets it, and its ports and probes rely on that" $name) }}
{{- else if not (regexMatch "^(HP|NC|HARP)_[A-Z0-9_]+$" $name) }}
{{- fail (printf "settings.%s: expected a variable of docs/configuration.md, such as HP_LOG_LEVEL" $name) }}
{{- end }}
{{- end }}
{{- end -}}
