#!/bin/sh
# smbd.sh SMB.CONF: runs smbd on it. questions.txt has lines of ADDRESS SHARE
# USER%PASSWORD COMMAND, `-` for nobody; for each it prints `yes`, or what smbclient says.
# users.txt has lines of a user and a password, folders.txt the shares' folders.
set -eu
mkdir -p /run/samba
while read -r folder; do
  mkdir -p "$folder"
  chmod 777 "$folder"
done < folders.txt
while read -r user password; do
  id "$user" > /dev/null 2>&1 || useradd --no-create-home "$user"
  printf '%s\n%s\n' "$password" "$password" | smbpasswd -c "$1" -s -a "$user" > /dev/null
done < users.txt
# By itself it would end the process group of whoever started it.
smbd --foreground --no-process-group --configfile="$1" --debug-stdout > smbd.log 2>&1 &
server=$!
until grep -q 'daemon_ready' smbd.log || smbclient --no-pass --list=127.0.0.1 > /dev/null 2>&1; do
  kill -0 "$server" 2> /dev/null || { cat smbd.log >&2; exit 1; }
  sleep 0.05
done
while read -r address share account command; do
  case $account in -) who=--no-pass ;; *) who=--user=$account ;; esac
  # It ends with 0 when a command fails on a share that it could open.
  said=$(smbclient "$who" "//$address/$share" --command="$command" 2>&1 < /dev/null || true)
  echo "$said" | grep -o 'NT_STATUS[A-Z_]*' || echo yes
done < questions.txt
