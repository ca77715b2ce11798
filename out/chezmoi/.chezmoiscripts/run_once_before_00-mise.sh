#!/bin/sh
# Made by colabc; changes here are lost. Brings mise, which brings every other tool.
set -eu
PATH="$HOME/.local/bin:$PATH"
command -v mise > /dev/null || curl -fsSL https://mise.run | sh
