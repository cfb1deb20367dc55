#!/bin/sh
# Creates Vault's login in PostgreSQL, at the first `up` of the profile vault.
set -eu
umask 077
password=/setup/vault-postgres-password
[ ! -s "$password" ] || exit 0
head -c 24 /dev/urandom | base64 | tr -d '\n/+=' > "$password.new"
PGPASSWORD=$(cat /run/secrets/postgres_superuser_password)
export PGPASSWORD
psql --quiet --set ON_ERROR_STOP=1 --host postgres --username postgres --dbname user_service --file /etc/vault/postgres/vault-login.sql
# psql reads the password from the file: other processes see the arguments of a command
psql --quiet --set ON_ERROR_STOP=1 --host postgres --username postgres --dbname user_service << 'SQL'
\set password `cat /setup/vault-postgres-password.new`
ALTER ROLE vault_user_service PASSWORD :'password';
SQL
mv "$password.new" "$password"
