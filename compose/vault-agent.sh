#!/bin/sh
# Starts an agent: vault-agent.sh <part of its configuration>…, files of vault/agent
set -eu
arguments=
for part in common demo "$@"; do arguments="$arguments -config=/etc/vault/$part.hcl"; done
# shellcheck disable=SC2086 # several arguments
exec vault agent $arguments
