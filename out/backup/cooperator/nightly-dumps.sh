#!/bin/sh
# Made by colabc; changes here are lost. Edit instead:
#   backup nightly, cluster.colab
set -eu
dumps=/mnt/backup/fortress/dumps
umask 077
if ! mountpoint -q /media/crtr/fortress; then
  echo '/media/crtr/fortress is not mounted' >&2
  exit 1
fi
if ! mountpoint -q /mnt/backup; then
  echo '/mnt/backup is not mounted' >&2
  exit 1
fi
exec 9> /run/colab-backup-nightly.lock
flock 9

failed=0
mkdir -p "${dumps}"
# PROJECT CONTAINER COMMAND...: the old dump stays until the new one is whole.
dump() {
  project="$1" name="$2"
  shift 2
  id="$(docker ps --quiet --filter "label=com.docker.compose.project=${project}" \
    --filter "label=com.docker.compose.service=${name}" | head -n 1)"
  if [ -z "${id}" ]; then
    echo "${name} does not run: no dump of it" >&2
    failed=1
    return 0
  fi
  if docker exec "${id}" "$@" > "${dumps}/.${name}.partial" && [ -s "${dumps}/.${name}.partial" ]; then
    sync "${dumps}/.${name}.partial"
    mv -f "${dumps}/.${name}.partial" "${dumps}/${name}.dump"
  else
    echo "the dump of ${name} failed" >&2
    rm -f "${dumps}/.${name}.partial"
    failed=1
  fi
}
# shellcheck disable=SC2016 # the container's shell expands it
dump gitea gitea-db sh -c 'exec pg_dump -Fc -U "$POSTGRES_USER" "${POSTGRES_DB:-$POSTGRES_USER}"'
# shellcheck disable=SC2016 # the container's shell expands it
dump infisical infisical-db sh -c 'exec pg_dump -Fc -U "$POSTGRES_USER" "${POSTGRES_DB:-$POSTGRES_USER}"'
exit "${failed}"
