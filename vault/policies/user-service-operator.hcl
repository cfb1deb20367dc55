# The person or job that rotates secrets: writes new versions and ends leases. It reads only `auth`, because a new signing key is added to the
# keys that are there: tokens signed by the old key have to stay valid.
path "user-service/data/auth" {
  capabilities = ["create", "update", "patch", "read"]
}

path "user-service/data/+" {
  capabilities = ["create", "update", "patch"]
}

path "user-service/destroy/+" {
  capabilities = ["update"]
}

path "user-service/metadata/*" {
  capabilities = ["read", "list"]
}

path "database/rotate-role/user-service-app" {
  capabilities = ["update"]
}

path "database/rotate-role/user-service-owner" {
  capabilities = ["update"]
}

path "sys/leases/lookup/database/creds/*" {
  capabilities = ["list", "sudo"]
}

path "sys/leases/revoke-prefix/database/creds/*" {
  capabilities = ["update", "sudo"]
}
