# A Vault on one machine: for Docker Compose, the demo and tests. A production cluster uses storage "raft" on three or more machines, TLS, and an
# automatic unseal: https://developer.hashicorp.com/vault/docs/configuration

storage "file" {
  path = "data"
}

listener "tcp" {
  address     = "0.0.0.0:8200"
  tls_disable = true # its clients are in the same network of Compose; the demo and tests use 127.0.0.1 instead
}

disable_mlock = true # containers without the capability IPC_LOCK
ui            = false
