# Signing keys and client secrets, of the api.
template {
  destination          = "secrets/auth_signing_keys"
  perms                = "0440"
  error_on_missing_key = true
  contents             = <<-EOT
  {{ with secret "user-service/data/auth" }}{{ .Data.data.signing_keys }}{{ end }}
  EOT
}

template {
  destination          = "secrets/auth_clients"
  perms                = "0440"
  error_on_missing_key = true
  contents             = <<-EOT
  {{ with secret "user-service/data/auth" }}{{ .Data.data.clients }}{{ end }}
  EOT
}
