# The login user_service_owner_login of PostgreSQL, whose password Vault changes. Of `migrate`.
# expiresAt: the end of the next period, because the file always follows a change: whoever still has it then has missed one. Computed from the last
# change, not from `timestamp` and `ttl`: a template is rendered again whenever any secret of the agent is fetched, so the present time would move it.
template {
  destination          = "secrets/postgres_migration_credentials"
  perms                = "0440"
  error_on_missing_key = true
  contents             = <<-EOT
  {{ with secret "database/static-creds/user-service-owner" }}{"username":{{ .Data.username | toJSON }},"password":{{ .Data.password | toJSON }},"expiresAt":{{ .Data.last_vault_rotation | sprig_toDate "2006-01-02T15:04:05Z07:00" | sprig_unixEpoch | parseInt | add (multiply 2 .Data.rotation_period.Int64) }}}{{ end }}
  EOT
}
