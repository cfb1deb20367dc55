#!/bin/sh
# Configures an unsealed Vault for user-service. It can be run again: nothing that exists is lost. docs/vault.md explains each step.
#   VAULT_ADDR, VAULT_TOKEN   the server, and a token that may do all this
#   SECRETS                   a folder with the secrets as files, named as in docs/configuration.md; those that are missing are left out
#   POSTGRES_ADDRESS          host:port, as Vault reaches it
#   VAULT_POSTGRES_PASSWORD   file with the password of the login vault_user_service (postgres/vault-login.sql), without a line break
#   MODE                      dynamic or static
#   LEASE                     lifetime of a dynamic login, or time between two passwords of a static one
set -eu
cd "$(dirname "$0")"
: "${SECRETS:?}" "${POSTGRES_ADDRESS:?}" "${VAULT_POSTGRES_PASSWORD:?}"
: "${POSTGRES_DATABASE:=user_service}" "${POSTGRES_TLS:=disable}" "${MODE:=dynamic}" "${LEASE:=12h}" "${AUDIT_FILE:=audit.log}"

# audit first, so that everything after it is recorded
vault audit list | grep -q '^file/' || vault audit enable file file_path="$AUDIT_FILE"

# policies, and an AppRole for each process
vault auth list | grep -q '^approle/' || vault auth enable approle
# a secret id can't be guessed; with the lockout, five wrong ones deny the log-in of every agent with that role id for 15 minutes
vault auth tune -user-lockout-disable=true approle/
vault policy write user-service-operator policies/user-service-operator.hcl
for role in user-service-api user-service-relay user-service-worker user-service-migrate; do
  vault policy write "$role" "policies/$role.hcl"
  # a lease ends with the token that asked for it: the period has to be longer than LEASE
  vault write "auth/approle/role/$role" token_policies="$role" token_period=24h
done

# secrets: @ reads a file, because other processes of a machine see the arguments of a command
vault secrets list | grep -q '^user-service/' || vault secrets enable -path=user-service -version=2 kv
new() { ! vault kv metadata get -mount=user-service "$1" > /dev/null 2>&1 && [ -f "$SECRETS/$2" ]; }
if new auth auth_signing_keys; then
  vault kv put -mount=user-service auth signing_keys=@"$SECRETS/auth_signing_keys" clients=@"$SECRETS/auth_clients"
fi
if new redis redis_password; then vault kv put -mount=user-service redis password=@"$SECRETS/redis_password"; fi
if new kafka kafka_password; then vault kv put -mount=user-service kafka password=@"$SECRETS/kafka_password"; fi
if new management http_management_token; then vault kv put -mount=user-service management token=@"$SECRETS/http_management_token"; fi

# PostgreSQL
vault secrets list | grep -q '^database/' || vault secrets enable database
vault read database/config/user-service > /dev/null 2>&1 || vault write database/config/user-service \
  plugin_name=postgresql-database-plugin \
  allowed_roles=user-service-app,user-service-owner \
  connection_url="postgresql://{{username}}:{{password}}@$POSTGRES_ADDRESS/$POSTGRES_DATABASE?sslmode=$POSTGRES_TLS" \
  username=vault_user_service password=@"$VAULT_POSTGRES_PASSWORD" \
  password_authentication=scram-sha-256 \
  max_open_connections=4
for group in app owner; do
  case $MODE in
    dynamic)
      vault write "database/roles/user-service-$group" \
        db_name=user-service \
        creation_statements=@"postgres/create-$group-login.sql" \
        revocation_statements=@postgres/revoke-login.sql \
        default_ttl="$LEASE" max_ttl="$LEASE"
      ;;
    static)
      vault write "database/static-roles/user-service-$group" \
        db_name=user-service \
        username="user_service_${group}_login" \
        rotation_period="$LEASE"
      ;;
    *) echo "MODE must be dynamic or static, not $MODE" >&2 && exit 64 ;;
  esac
done
