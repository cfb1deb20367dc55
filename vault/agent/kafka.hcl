# The password of Kafka, where it asks for one. Of relay, worker and migrate.
template {
  destination          = "secrets/kafka_password"
  perms                = "0440"
  error_on_missing_key = true
  contents             = <<-EOT
  {{ with secret "user-service/data/kafka" }}{{ .Data.data.password }}{{ end }}
  EOT
}
