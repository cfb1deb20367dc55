#!/bin/sh
# archive_command of PostgreSQL: `archive-wal.sh "%p" "/backups/wal/%f"` stores one file of the WAL, compressed, as /backups/wal/<name>.gz. Needs only sh and gzip.
#
# The name exists only when the file is complete and on disk: a killed copy leaves nothing that a restore could take for the file. A file that is there with
# the same content is a success, because PostgreSQL sends it again after a crash; with other content it is a failure, because two servers archive into one folder.
set -eu
source=$1 target=$2.gz
if [ -e "$target" ]; then
  gzip -dc "$target" | cmp -s - "$source" && exit 0
  echo "$target exists with other content: does another server use this archive?" >&2
  exit 1
fi
part=$target.$$.part
trap 'rm -f "$part"' EXIT
gzip -1c "$source" > "$part"
sync "$part"
mv "$part" "$target"
sync "$(dirname "$target")"
