#!/usr/bin/env bash
# How many faults put into the rules, the writers and the evaluation do the tests notice? Makes a
# seeded sample of what cargo-mutants can change in compiler/check, compiler/formats and
# compiler/resolve, one at a time in a clone of the last commit. What the quick tests let pass is
# tried again with the slower ones. By hand: it takes about a minute a mutant.
#
#   .ci/mutants.sh [COUNT [SEED]]     (125, 20261121)
#
# All those that leave a field out come on top of it: cargo-mutants 27 offers no choice among them.
#
#   COLAB_MUTANTS   a folder to work in, kept for the next time (default: a new one, removed)
#
# Needs `cargo install cargo-mutants --locked`. Ends with 1 below 80 % caught.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
count=${1:-125} seed=${2:-20261121}
work=${COLAB_MUTANTS:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
[ -d "$work/colab" ] || git clone --quiet "$top" "$work/colab"
cd "$work/colab"
export CARGO_PROFILE_DEV_DEBUG=0
printf 'commit %s, seed %s\n' "$(git rev-parse --short HEAD)" "$seed"

# Tests of other parts, and those that take long.
elsewhere=(ci:: consumers:: disk:: editors:: lsp:: repo:: unbreakable::)
slow=(breaks:: canaries:: cli:: fields:: fixes:: generate:: graph:: laws:: origins:: pages:: syntax::
  targets::)
skipping() { printf -- '--skip\n%s\n' "$@"; }

parts=(-f 'compiler/check/**' -f 'compiler/formats/**' -f 'compiler/resolve/**')
cargo mutants --list --json "${parts[@]}" > "$work/all.json"
python3 - "$work" "$count" "$seed" << 'END'
import json, random, re, sys
work, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
mutants = json.load(open(f"{work}/all.json"))
names = sorted(m["name"] for m in mutants if m["genre"] != "StructField")
some = random.Random(seed).sample(names, min(count, len(names)))
print(f"{len(some)} of {len(names)}, and {len(mutants) - len(names)} that leave a field out")
open(f"{work}/sample", "w").write("".join(f"^{re.escape(name)}$\n" for name in some))
END

# try SAMPLE OUTPUT SKIPPED...: each mutant whose name a line of SAMPLE matches, and those of `parts`
# that leave a field out.
try() {
  local names=() line status=0
  while IFS= read -r line; do names+=(--re "$line"); done < "$1"
  mapfile -t skipped < <(skipping "${@:3}")
  # It ends with 2 where one was missed, and 3 where one ran out of time: both are told below.
  cargo mutants --in-place --baseline skip --timeout 240 --build-timeout 600 --profile dev \
    --cargo-arg=--lib --cargo-arg=--test=it --output "$2" --no-times --colors never \
    "${parts[@]}" "${names[@]}" -- -- "${skipped[@]}" || status=$?
  case $status in 0 | 2 | 3) ;; *) exit 1 ;; esac
}
try "$work/sample" "$work/quick" "${elsewhere[@]}" "${slow[@]}"
python3 -c 'import re, sys
for line in open(sys.argv[1]): print(f"^{re.escape(line.strip())}$")' \
  "$work/quick/mutants.out/missed.txt" > "$work/again"
if [ -s "$work/again" ]; then
  mapfile -t parts < <(sed 's/:.*//' "$work/quick/mutants.out/missed.txt" | sort -u | sed 's/^/--file=/')
  try "$work/again" "$work/slow" "${elsewhere[@]}"
else
  mkdir -p "$work/slow/mutants.out"
  : > "$work/slow/mutants.out/missed.txt"
fi

lines() { cat "$@" 2> /dev/null | wc -l; }
missed=$(lines "$work/slow/mutants.out/missed.txt")
unviable=$(lines "$work/quick/mutants.out/unviable.txt")
caught=$(($(lines "$work/quick/mutants.out/caught.txt" "$work/quick/mutants.out/timeout.txt") +
  $(lines "$work/again") - missed))
tried=$((caught + missed))
printf '\n%s mutants that compile: %s caught (%s %%), %s missed; %s did not compile\n' \
  "$tried" "$caught" $((100 * caught / tried)) "$missed" "$unviable"
cat "$work/slow/mutants.out/missed.txt"
[ $((100 * caught)) -ge $((80 * tried)) ]
