# A login of PostgreSQL that Vault creates for this agent and removes at the end of its lease. Of api, relay and worker.
# expiresAt: the name of the login ends with the time of its creation. Not `timestamp`: a template is rendered again whenever any secret of the agent
# is fetched, so the present time would move the end of the lease.
template {
  destination          = "secrets/postgres_credentials"
  perms                = "0440"
  error_on_missing_key = true
  contents             = <<-EOT
  {{ with secret "database/creds/user-service-app" }}{"username":{{ .Data.username | toJSON }},"password":{{ .Data.password | toJSON }},"expiresAt":{{ .Data.username | regexReplaceAll "^.*-" "" | parseInt | add .LeaseDuration }}}{{ end }}
  EOT
}
