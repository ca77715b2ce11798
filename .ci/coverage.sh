#!/usr/bin/env bash
# Which lines of compiler/ the tests run: at least 90 of 100, or it ends with 1. Prints the files
# with the most lines that nothing runs. A build and a choice of tests of its own: see
# docs/decisions/0012-coverage.md.
#
#   LLVM_COV, LLVM_PROFDATA   the tools (default: Debian's package for this compiler's LLVM)
set -euo pipefail
cd "$(dirname "$0")/.."
goal=90
llvm=/usr/lib/llvm-$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')/bin
cov=${LLVM_COV:-$llvm/llvm-cov} profdata=${LLVM_PROFDATA:-$llvm/llvm-profdata}
export CARGO_TARGET_DIR=$PWD/target/coverage RUSTC_WORKSPACE_WRAPPER=$PWD/.ci/instrumented
export CARGO_PROFILE_DEV_DEBUG=0 LLVM_PROFILE_FILE=$PWD/target/coverage/counts/%4m.profraw
rm -rf target/coverage/counts
mkdir -p target/coverage

# Long runs of chance, kills, and what judges the repository or the machine.
skipped=()
for group in breaks canaries ci consumers disk editors fields fixes generate laws origins repo \
  targets unbreakable syntax::corpus; do
  skipped+=(--skip "$group::")
done
# Of the targets, those with the most that no case reaches.
targets=(targets::backup targets::caddy targets::prometheus targets::systemd)

run() {
  cargo test --quiet --locked --profile dev "$@" > target/coverage/log 2>&1 || {
    tail -n 40 target/coverage/log
    exit 1
  }
}
run --lib --bin colabc
run --test it -- "${skipped[@]}"
run --test it -- "${targets[@]}"

objects=()
while IFS= read -r program; do objects+=(-object "$program"); done < <(
  cargo test --locked --color never --profile dev --lib --bin colabc --test it --no-run 2>&1 |
    sed -n 's/^  Executable .*(\(.*\))$/\1/p'
)
"$profdata" merge -sparse target/coverage/counts/*.profraw -o target/coverage/all
"$cov" export -summary-only -instr-profile target/coverage/all "${objects[@]:1}" \
  -object target/coverage/debug/colabc \
  --ignore-filename-regex '/(\.cargo|\.rustup|rustc|registry|tests)/' > target/coverage/summary.json
python3 - "$goal" << 'END'
import json, os, sys
found = json.load(open("target/coverage/summary.json"))["data"][0]
open_lines = lambda file: file["summary"]["lines"]["count"] - file["summary"]["lines"]["covered"]
for file in sorted(found["files"], key=open_lines, reverse=True)[:12]:
    lines = file["summary"]["lines"]
    print(f'{open_lines(file):6} of {lines["count"]:5} not run  {os.path.relpath(file["filename"])}')
lines = found["totals"]["lines"]
print(f'{lines["percent"]:.2f} % of the {lines["count"]} lines of compiler/ are run')
sys.exit(lines["percent"] < float(sys.argv[1]))
END
