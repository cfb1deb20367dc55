# Every agent of the service. It runs in a folder with the files role-id and secret-id and renders into the folder `secrets` in it. The address of
# Vault is VAULT_ADDR. docs/vault.md says what the agent does when Vault is sealed, slow, restarting or answers 403.

vault {
  # A request that fails is repeated this often, at most max_backoff apart. Then the agent exits, and whoever supervises it starts it again: about 3
  # minutes with these values. The files that it has rendered stay.
  retry {
    num_retries = 12
  }
}

auto_auth {
  method "approle" {
    # of the log-in, and of the requests of the templates
    min_backoff = "1s"
    max_backoff = "20s"

    config = {
      role_id_file_path                   = "role-id"
      secret_id_file_path                 = "secret-id"
      remove_secret_id_file_after_reading = false # it is read again after a restart
    }
  }
}
