#!/bin/sh
# prometheus.sh CONFIG: runs Prometheus on it, prints its targets and its rules as JSON,
# each on a line.
set -eu
promtool check config "$1" > check.log 2>&1 || { cat check.log >&2; exit 1; }
prometheus --config.file="$1" --storage.tsdb.path=/tmp/tsdb --web.listen-address=127.0.0.1:19090 \
  2> prometheus.log &
server=$!
at=http://127.0.0.1:19090
until curl --silent --fail "$at/-/ready" > /dev/null; do
  kill -0 "$server" 2> /dev/null || { cat prometheus.log >&2; exit 1; }
  sleep 0.05
done
# Discovery hands the targets over some time after the server is ready, and job by job.
wanted=$(grep -c 'job_name:' "$1")
tries=0
until
  curl --silent "$at/api/v1/targets?state=active" > targets.json
  [ "$(grep -o '"scrapePool":"[^"]*"' targets.json | sort -u | wc -l)" = "$wanted" ]
do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || break
  sleep 0.1
done
cat targets.json
echo
curl --silent "$at/api/v1/rules"
echo
