#!/bin/sh
# Writes the files with which an agent logs in: issue-identity.sh <role> <folder>, e.g. user-service-api /var/lib/user-service-api
set -eu
umask 077
role=$1 folder=$2
mkdir -p "$folder"
vault read -field=role_id "auth/approle/role/$role/role-id" > "$folder/role-id"
vault write -force -field=secret_id "auth/approle/role/$role/secret-id" > "$folder/secret-id"
