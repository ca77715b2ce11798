#!/bin/sh
# Made by colabc; changes here are lost. Edit instead:
#   backup nightly, cluster.colab
set -eu
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

# Newest first.
names=''
for path in "${target}"/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z; do
  [ -d "${path}" ] || continue
  names="${path##*/} ${names}"
done
# The newest is kept whatever the others are: the next snapshot is linked to it.
kept=" ${names%% *} "
# COUNT CLASS: the newest of each of so many hours, days, weeks, months, years.
keep() {
  left="$1"
  last=''
  for name in ${names}; do
    [ "${left}" -gt 0 ] || break
    case "$2" in
      hourly) this="${name%????Z}" ;;
      daily) this="${name%T*}" ;;
      weekly) this="$(date -u -d "${name%T*}" +%G-%V)" ;;
      monthly) this="${name%-*}" ;;
      *) this="${name%%-*}" ;;
    esac
    [ "${this}" != "${last}" ] || continue
    last="${this}"
    left=$((left - 1))
    kept="${kept}${name} "
  done
}
keep 7 daily
keep 4 weekly
keep 12 monthly

# Under another name first, so that what is half gone is no snapshot.
rm -rf "${target:?}/.doomed"
for name in ${names}; do
  case "${kept}" in
    *" ${name} "*) continue ;;
  esac
  mv -T "${target}/${name}" "${target}/.doomed"
  rm -rf "${target:?}/.doomed"
done
