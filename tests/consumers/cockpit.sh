#!/bin/sh
# cockpit.sh ORIGIN...: asks a running cockpit-ws for a session's socket from a page of
# each origin; prints the status and the origin on a line.
set -eu
cockpit-ws --no-tls --address 127.0.0.1 --port 9090 2> cockpit.log &
server=$!
until curl --silent --output /dev/null http://127.0.0.1:9090/; do
  kill -0 "$server" 2> /dev/null || { cat cockpit.log >&2; exit 1; }
  sleep 0.05
done
for origin; do
  # An open socket stays open: the time limit ends it.
  status=$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 3 \
    --header "Origin: $origin" --header 'Host: localhost:9090' \
    --header 'Connection: Upgrade' --header 'Upgrade: websocket' \
    --header 'Sec-WebSocket-Version: 13' --header 'Sec-WebSocket-Protocol: cockpit1' \
    --header 'Sec-WebSocket-Key: Y29sYWIgYXNrcyBjb2NrcA==' http://127.0.0.1:9090/cockpit/socket || true)
  echo "$status $origin"
done
cat cockpit.log >&2
