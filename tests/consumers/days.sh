#!/bin/sh
# days.sh SCRIPT TARGET FIRST COUNT: runs the script once a day for COUNT days from
# FIRST, at 03:00 UTC by a clock of its own, with TARGET as a mounted disk; then prints
# what stands there, a name on a line, a link with where it leads.
set -eu
script=$1 target=$2 first=$3 count=$4
mkdir -p "$target"
mount -t tmpfs tmpfs "$target"
start=$(date -u -d "$first 03:00" +%s)
day=0
# The times of files stay the real ones: rsync compares them, to link what has not changed.
export NO_FAKE_STAT=1
while [ "$day" -lt "$count" ]; do
  now=$(date -u -d "@$((start + day * 86400))" '+%Y-%m-%d %H:%M:%S')
  NOW=$now sh -c "$BEFORE" > day.log 2>&1 || { cat day.log >&2; exit 1; }
  faketime -f "@$now" "$script" > day.log 2>&1 || { echo "on $now:" >&2; cat day.log >&2; exit 1; }
  day=$((day + 1))
done
for entry in "$target"/* "$target"/.[!.]*; do
  if [ -L "$entry" ]; then
    echo "${entry##*/} -> $(readlink "$entry")"
  elif [ -e "$entry" ]; then
    echo "${entry##*/}"
  fi
done
cp -a "$target" kept
