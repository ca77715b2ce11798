#!/bin/sh
# dnsmasq.sh ADDRESS: runs dnsmasq there on dnsmasq.conf and the names in `hosts`,
# then asks what questions.txt asks: lines of a name and a type. Prints name, type
# and each answer, on a line.
set -eu
dnsmasq --test --conf-file=dnsmasq.conf 2> test.log || { cat test.log >&2; exit 1; }
dnsmasq --keep-in-foreground --conf-file=dnsmasq.conf --addn-hosts="$PWD/hosts" --no-hosts \
  --no-resolv --listen-address="$1" --bind-interfaces --user=root --log-facility=- 2> dnsmasq.log &
server=$!
ask() { dig +short +time=1 +tries=1 "@$1" CH TXT version.bind; }
until ask "$1" > /dev/null 2>&1; do
  kill -0 "$server" 2> /dev/null || { cat dnsmasq.log >&2; exit 1; }
  sleep 0.05
done
# It goes on without the lines of `hosts` that it does not understand.
! grep bad dnsmasq.log >&2 || exit 1
while read -r name type; do
  if [ "$type" = PTR ]; then words="-x $name"; else words="$name $type"; fi
  # shellcheck disable=SC2086 # two words
  dig +short +time=5 +tries=3 "@$1" $words | sed "s/^/$name $type /"
done < questions.txt
