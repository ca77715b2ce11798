#!/bin/sh
# usage: test.sh TREE-SITTER FOLDER. Builds the parser for ABI 14, which every Neovim since 0.7 reads,
# and lets a headless Neovim parse, query and colour a file with it.
set -eu

cli=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
grammar=$here/../tree-sitter-colab

rm -rf "$folder"
mkdir -p "$folder/parser" "$folder/queries/colab" "$folder/src"
(cd "$grammar" && "$cli" generate --abi 14 -o "$folder/src" 2>/dev/null)
cp "$grammar/src/scanner.c" "$folder/src/"
"${CC:-cc}" -O1 -shared -fPIC -I "$folder/src" "$folder/src/parser.c" "$folder/src/scanner.c" -o "$folder/parser/colab.so"
cp "$grammar"/queries/*.scm "$folder/queries/colab/"
nvim --headless -u NONE -i NONE -c "set rtp+=$folder" "$grammar/test/highlight/cluster.colab" \
  -c "luafile $here/test.lua"
