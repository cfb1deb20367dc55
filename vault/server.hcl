# A Vault on one machine: for Docker Compose, the demo and tests. A production cluster uses storage "raft" on three or more machines, TLS, and an
# automatic unseal: https://developer.hashicorp.com/vault/docs/configuration

storage "file" {
  path = "data"
}

listener "tcp" {
  address     = "127.0.0.1:8200"
  tls_disable = true # its clients are on the same machine or in the same network of Compose
}

disable_mlock = true # containers without the capability IPC_LOCK
ui            = false
