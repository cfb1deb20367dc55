#!/bin/sh
# Runs at each `up` of the profile vault: initializes Vault the first time, unseals it, configures it, and gives each agent its identity. The key that
# unseals it and its root token are in the volume vault-setup: for a machine of a developer only.
set -eu
umask 077
until vault status > /dev/null 2>&1 || [ $? -eq 2 ]; do sleep 1; done # 2: it answers, and is sealed

if [ ! -s /setup/keys ]; then
  vault operator init -key-shares=1 -key-threshold=1 > /setup/keys.new
  mv /setup/keys.new /setup/keys
fi
sed -n 's/^Unseal Key 1: //p' /setup/keys | tr -d '\n' > /setup/unseal-key
VAULT_TOKEN=$(sed -n 's/^Initial Root Token: //p' /setup/keys)
export VAULT_TOKEN
vault write sys/unseal key=@/setup/unseal-key > /dev/null
until vault token lookup > /dev/null 2>&1; do sleep 1; done

SECRETS=/secrets VAULT_POSTGRES_PASSWORD=/setup/vault-postgres-password sh /etc/vault/set-up.sh
for role in api worker migrate; do
  [ -s "/agents/$role/secret-id" ] || sh /etc/vault/issue-identity.sh "user-service-$role" "/agents/$role"
done
