#!/bin/sh
# Everything about the editors, in one command: the tree-sitter grammar is fresh and does what its
# tests say, its queries fit it, Neovim (where there is one) loads both; the extension is linted,
# tested and packed. What it installs stays in .cache/ and editors/vscode/node_modules.
#
#   COLABC   the server that the extension is tested with (default: the one that was built last)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=$here/../.cache/editors
consumers=${COLAB_CONSUMERS:-$HOME/.cache/colab-consumers}
cli=$consumers/bin/tree-sitter
version=0.27.1
start=$(date +%s)
mkdir -p "$cache"

if [ -z "${COLABC:-}" ]; then
  for built in "$here/../target/release/colabc" "$here/../target/debug/colabc"; do
    if [ -x "$built" ] && { [ -z "${COLABC:-}" ] || [ "$built" -nt "$COLABC" ]; }; then
      COLABC=$built
    fi
  done
fi
export COLABC

# What is made on the way goes, also after a failure: other tests read every file of the repository.
trap 'rm -rf "$here/vscode/dist" "$here/vscode/dist-test"' EXIT

say() {
  printf '%3ds  %s\n' "$(($(date +%s) - start))" "$1"
}

[ "$("$cli" --version 2>/dev/null)" = "tree-sitter $version" ] || cli=$cache/bin/tree-sitter
if [ "$("$cli" --version 2>/dev/null)" != "tree-sitter $version" ]; then
  say "install tree-sitter $version"
  CARGO_TARGET_DIR=$cache/target cargo install --quiet --locked --root "$cache" "tree-sitter-cli@$version"
  rm -rf "$cache/target"
fi

cd "$here/tree-sitter-colab"
export XDG_CACHE_HOME=$cache # where tree-sitter keeps the parsers that it builds

say "tree-sitter: src/ is what grammar.js makes"
rm -rf "$cache/fresh"
"$cli" generate -o "$cache/fresh"
for file in parser.c grammar.json node-types.json; do
  cmp "$cache/fresh/$file" "src/$file" || { echo "stale: run 'tree-sitter generate'" >&2; exit 1; }
done

say "tree-sitter: trees and colours"
"$cli" test >"$cache/log" 2>&1 || { cat "$cache/log" >&2; exit 1; }

say "tree-sitter: every query fits the grammar"
for query in queries/*.scm queries/*/*.scm; do
  found=$("$cli" query --captures "$query" test/highlight/cluster.colab 2>"$cache/log" | wc -l)
  [ "$found" -gt 1 ] || { echo "$query: finds nothing" >&2; cat "$cache/log" >&2; exit 1; }
done

if command -v nvim >/dev/null; then
  say "Neovim: $(nvim --version | head -1)"
  sh "$here/neovim/test.sh" "$cli" "$cache/neovim"
elif [ "${CI:-}" = true ]; then
  echo "no nvim" >&2
  exit 1
else
  echo "*skipped*: Neovim: no nvim"
fi

cd "$here/vscode"
if ! cmp -s package-lock.json node_modules/.colab-lock; then
  say "vscode: install"
  npm ci --cache "$cache/npm" --prefer-offline --silent
  cp package-lock.json node_modules/.colab-lock
fi
say "vscode: lint"
npm run --silent lint
say "vscode: test"
npm run --silent test >"$cache/log" 2>&1 || { cat "$cache/log" >&2; exit 1; }
grep -F '*skipped*' "$cache/log" || true
say "vscode: package"
npm run --silent package >"$cache/log" 2>&1 || { cat "$cache/log" >&2; exit 1; }
say "done: $(ls ./*.vsix)"
