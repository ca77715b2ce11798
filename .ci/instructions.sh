#!/usr/bin/env bash
# How many instructions `colabc check` and `colabc build` take, as Callgrind counts them: unlike time,
# the same on a busy machine as on an idle one. Compares with benches/instructions.txt, says how each
# moved, and fails where one grew by more than a tenth: mend that, or let the commit that makes it
# grow say so by writing the new counts. Counts of another rustc, C library or Valgrind are not
# compared. Whatever the versions, twice the nodes may cost a build at most 2.2 times as much.
#
#   .ci/instructions.sh                       count, and compare (about a minute)
#   .ci/instructions.sh --write               count, and take that as the new counts
#   .ci/instructions.sh --compare WAS NOW     compare two files of counts
set -euo pipefail
cd "$(dirname "$0")/.."
file=benches/instructions.txt

versions() { grep -E '^(rustc|libc|valgrind) ' "$1"; }
counts() { grep -vE '^(#|rustc |libc |valgrind )' "$1"; }

compare() {
  local status=0 name was now moved
  if [ "$(versions "$1")" != "$(versions "$2")" ]; then
    echo 'counted with other versions, so not compared:'
    diff "$1" "$2" || true
    return 0
  fi
  while read -r name was; do
    now=$(awk -v name="$name" '$1 == name { print $2 }' "$2")
    if [ -z "$now" ]; then
      printf '%s was not counted\n' "$name"
      status=1
      continue
    fi
    moved=$(awk -v was="$was" -v now="$now" 'BEGIN { printf "%+.1f", (now - was) * 100 / was }')
    printf '%-18s %14d -> %14d  %s %%\n' "$name" "$was" "$now" "$moved"
    if [ "$((now * 10))" -gt "$((was * 11))" ]; then
      printf '%s grew by more than a tenth: mend it, or say so with .ci/instructions.sh --write\n' "$name"
      status=1
    fi
  done < <(counts "$1")
  while read -r name now; do
    grep -q "^$name " "$1" || printf '%-18s %32d  is new: .ci/instructions.sh --write keeps it\n' "$name" "$now"
  done < <(counts "$2")
  return "$status"
}

if [ "${1:-}" = --compare ]; then
  compare "$2" "$3"
  exit
fi

if ! command -v valgrind > /dev/null; then
  echo 'no valgrind: *skipped*'
  [ "${CI:-}" != true ]
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --locked --release --quiet
rustc --edition 2024 -O -o "$work/generate" benches/generate.rs
"$work/generate" scale 50 "$work/half"
"$work/generate" scale 100 "$work/scale"

# Exit 1 is only findings; what counts is that it ran to its end.
count() {
  local name=$1
  shift
  valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" \
    target/release/colabc "$@" 2> "$work/log" > /dev/null || [ $? = 1 ]
  printf '%s %s\n' "$name" "$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/log")"
}

{
  sed -n '/^#/p' "$file"
  printf 'rustc %s\n' "$(rustc --version | cut -d' ' -f2)"
  printf 'libc %s\n' "$(getconf GNU_LIBC_VERSION | cut -d' ' -f2)"
  printf 'valgrind %s\n' "$(valgrind --version | cut -d- -f2)"
  count check-repository check --format short .
  count build-repository build . --out "$work/repository"
  count check-scale-100 check --format short "$work/scale"
  count build-scale-50 build "$work/half" --out "$work/half-out"
  count build-scale-100 build "$work/scale" --out "$work/out"
} > "$work/now"

grown=$(awk '$1 == "build-scale-50" { half = $2 } $1 == "build-scale-100" { print int(100 * $2 / half) }' "$work/now")
if [ "$grown" -gt 220 ]; then
  printf 'twice the nodes cost %s %% of the work: some of it grows faster than the cluster\n' "$grown"
  exit 1
fi

if [ "${1:-}" = --write ]; then
  cp "$work/now" "$file"
  cat "$file"
else
  compare "$file" "$work/now"
fi
