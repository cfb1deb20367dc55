# The program `migrate`: the login that owns the tables, and Kafka for topics and schemas. Nothing of the running service.
path "user-service/data/kafka" {
  capabilities = ["read"]
}

path "database/creds/user-service-owner" {
  capabilities = ["read"]
}

path "database/static-creds/user-service-owner" {
  capabilities = ["read"]
}
