# The process `worker`: Kafka, the token of the management port, its database login. Neither signing keys nor client secrets.
path "user-service/data/kafka" {
  capabilities = ["read"]
}

path "user-service/data/management" {
  capabilities = ["read"]
}

path "database/creds/user-service-app" {
  capabilities = ["read"]
}

path "database/static-creds/user-service-app" {
  capabilities = ["read"]
}
