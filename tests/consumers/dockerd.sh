#!/bin/sh
# dockerd.sh: starts the Docker daemon on /etc/docker/daemon.json, prints what it says
# of itself and of a new network, as JSON on a line each, and stops it.
set -eu
# Its layers cannot lie on a file system that is made of layers.
mkdir -p /var/lib/docker
mount -t tmpfs tmpfs /var/lib/docker
dockerd > dockerd.log 2>&1 &
server=$!
until [ -n "$(docker info --format '{{.ServerVersion}}' 2> /dev/null)" ]; do
  kill -0 "$server" 2> /dev/null || { cat dockerd.log >&2; exit 1; }
  sleep 0.1
done
docker info --format '{{json .}}'
docker network create colab > /dev/null
docker network inspect colab --format '{{json .}}'
kill "$server"
wait "$server" || true
