#!/bin/sh
# headscale.sh CONFIG POLICY PORT USER...: checks both, then serves until it is healthy.
set -eu
config=$1 policy=$2 port=$3
shift 3
mkdir -p /var/lib/headscale /var/run/headscale maps
# The map of relays is on the internet, and it will not start without one.
cat > maps/derp.json << 'END'
{"Regions": {"900": {"RegionID": 900, "RegionCode": "own", "RegionName": "own",
  "Nodes": [{"Name": "900a", "RegionID": 900, "HostName": "derp.invalid"}]}}}
END
python3 -m http.server --bind 127.0.0.1 --directory maps 18999 > /dev/null 2>&1 &
export HEADSCALE_DERP_URLS=http://127.0.0.1:18999/derp.json
until curl --silent --fail "$HEADSCALE_DERP_URLS" > /dev/null; do sleep 0.05; done
headscale --config "$config" configtest
headscale --config "$config" serve > serve.log 2>&1 &
server=$!
until curl --silent --fail "http://127.0.0.1:$port/health" > /dev/null; do
  kill -0 "$server" 2> /dev/null || { cat serve.log >&2; exit 1; }
  sleep 0.05
done
for user in "$@"; do headscale --config "$config" users create "$user" > /dev/null; done
kill "$server"
wait "$server" || true
# Without a server: for only with the database at hand it also runs the policy's tests.
headscale --config "$config" policy check --bypass-grpc-and-access-database-directly --force \
  --file "$policy"
