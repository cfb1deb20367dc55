# The process `api`: signing keys, client secrets, Redis, the token of the management port, its database login.
path "user-service/data/auth" {
  capabilities = ["read"]
}

path "user-service/data/redis" {
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
