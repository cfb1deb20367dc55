# The token of the management port, of api, relay and worker.
template {
  destination          = "secrets/http_management_token"
  perms                = "0440"
  error_on_missing_key = true
  contents             = <<-EOT
  {{ with secret "user-service/data/management" }}{{ .Data.data.token }}{{ end }}
  EOT
}
