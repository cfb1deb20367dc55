# The password of Redis, of the api.
template {
  destination          = "secrets/redis_password"
  perms                = "0440"
  error_on_missing_key = true
  contents             = <<-EOT
  {{ with secret "user-service/data/redis" }}{{ .Data.data.password }}{{ end }}
  EOT
}
