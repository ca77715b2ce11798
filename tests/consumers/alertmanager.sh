#!/bin/sh
# alertmanager.sh CONFIG: runs Alertmanager on it and raises the alerts in alerts.txt,
# each a line of labels. Prints the alerts that it inhibits, as JSON.
set -eu
amtool check-config "$1" > check.log 2>&1 || { cat check.log >&2; exit 1; }
prometheus-alertmanager --config.file="$1" --storage.path=/tmp/alertmanager \
  --web.listen-address=127.0.0.1:19093 --cluster.listen-address= 2> alertmanager.log &
server=$!
at=http://127.0.0.1:19093
until curl --silent --fail "$at/-/ready" > /dev/null; do
  kill -0 "$server" 2> /dev/null || { cat alertmanager.log >&2; exit 1; }
  sleep 0.05
done
while read -r labels; do
  eval "set -- $labels"
  amtool --alertmanager.url="$at" alert add "$@"
done < alerts.txt
# An alert is raised at once; what it inhibits is known some time after.
asked=0
before=
while
  quiet=$(amtool --alertmanager.url="$at" alert query --inhibited --output=json)
  [ "$quiet" != "$before" ] || [ "$quiet" = '[]' ]
do
  before=$quiet
  asked=$((asked + 1))
  [ "$asked" -lt 20 ] || break
  sleep 0.2
done
echo "$quiet"
