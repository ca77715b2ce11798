#!/bin/sh
# Made by colabc; changes here are lost. Edit instead:
#   backup nightly, cluster.colab
set -eu
# To restore, stop what uses the data, then:
#   rsync -aHAX --numeric-ids /mnt/backup/fortress/latest/fortress/ /media/crtr/fortress/
#   /mnt/backup/fortress/latest/dumps/gitea-db.dump is the dump of gitea-db
#   /mnt/backup/fortress/latest/dumps/infisical-db.dump is the dump of infisical-db
# Data gone or broken: stop the services, copy the snapshot back to /media/crtr/fortress, start them.
# A database: restore its newest dump, not its files.
# Cooperator itself gone: rebuild the node, take the mirrored disks over, restore fortress from them.

target=/mnt/backup/fortress
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

mkdir -p "${target}"
partial="${target}/.partial"
previous="$(readlink "${target}/latest" || true)"
now="$(date -u +%Y-%m-%dT%H%M%SZ)"
# Two timers may ask in one second: one name, one snapshot.
while [ -e "${target}/${now}" ]; do
  sleep 1
  now="$(date -u +%Y-%m-%dT%H%M%SZ)"
done
# What an earlier run left behind shares files with good snapshots: it is no place to go on in.
rm -rf "${partial}"
mkdir "${partial}"
: > "${partial}/.started"
copy() {
  from="$1" name="$2"
  shift 2
  mkdir -p "${partial}/${name}"
  if [ -n "${previous}" ] && [ -d "${target}/${previous}/${name}" ]; then
    set -- "--link-dest=${target}/${previous}/${name}/" "$@"
  fi
  rsync -aHAX --numeric-ids "$@" "${from}/" "${partial}/${name}/" || { status=$?; [ "${status}" -eq 24 ] || exit "${status}"; }
}
copy /media/crtr/fortress fortress --exclude=/data/postgres-gitea/ --exclude=/data/postgres-infisical/ "$@"
if [ -d "${target}/dumps" ]; then
  cp -al "${target}/dumps" "${partial}/dumps"
fi

# From here on it is a snapshot: all of it, by one name.
sync -f "${partial}"
mv -T "${partial}" "${target}/${now}"
ln -sfn "${now}" "${target}/.latest"
mv -T "${target}/.latest" "${target}/latest"
