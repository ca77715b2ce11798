#!/bin/sh
# caddy.sh UPSTREAM...: runs Caddy on config.json before upstreams that answer with
# their labels, then asks what questions.txt asks: lines of URL, address, source.
# For each it prints the status and the answer on a line.
set -eu
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=upstream \
  -keyout upstream.pem -out upstream.crt 2> /dev/null
cat upstream.crt >> upstream.pem
cat names >> /etc/hosts
mkfifo ready
python3 "$DRIVERS/upstream.py" upstream.pem "$@" > ready &
read -r _ < ready
caddy run --config config.json > caddy.log 2>&1 &
caddy=$!
while ! grep -q 'serving initial configuration' caddy.log; do
  kill -0 "$caddy" 2> /dev/null || { cat caddy.log >&2; exit 1; }
  sleep 0.05
done
while read -r url address source; do
  host=${url#*://}
  host=${host%%/*}
  case $url in https:*) port=443 ;; *) port=80 ;; esac
  # A certificate may still be in the making: the handshake is tried again.
  curl --silent --insecure --max-time 20 --retry 20 --retry-delay 1 --retry-all-errors \
    --interface "$source" --resolve "$host:$port:$address" \
    --write-out '\n%{http_code}\n' "$url" | awk 'NR == 1 { body = $0 } { code = $0 } END { print code, body }'
done < questions.txt
