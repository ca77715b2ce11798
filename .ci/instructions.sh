#!/usr/bin/env bash
# How many instructions `colabc check` takes, as Callgrind counts them: unlike time, the same on a
# busy machine as on an idle one. Compares with benches/instructions.txt, says how each moved, and
# fails where one grew by more than a tenth, unless the file changed in the same commit. Counts of
# other versions of the compiler, the C library or Valgrind are not compared.
#
#   .ci/instructions.sh            compare
#   .ci/instructions.sh --write    take today's counts as the new ones
set -euo pipefail
cd "$(dirname "$0")/.."
file=benches/instructions.txt

if ! command -v valgrind > /dev/null; then
  echo 'no valgrind: *skipped*'
  [ "${CI:-}" != true ]
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --locked --release --quiet
rustc --edition 2024 -O -o "$work/generate" benches/generate.rs
"$work/generate" scale 100 "$work/scale"

count() {
  # Exit 1 is only findings; what counts is that it ran to its end.
  valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" \
    target/release/colabc check --format short "$1" 2> "$work/log" > /dev/null || [ $? = 1 ]
  sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/log"
}

{
  sed -n '/^#/p' "$file" 2> /dev/null || true
  printf 'rustc %s\n' "$(rustc --version | cut -d' ' -f2)"
  printf 'libc %s\n' "$(getconf GNU_LIBC_VERSION | cut -d' ' -f2)"
  printf 'valgrind %s\n' "$(valgrind --version | cut -d- -f2)"
  printf 'repository %s\n' "$(count .)"
  printf 'scale-100 %s\n' "$(count "$work/scale")"
} > "$work/now"

if [ "${1:-}" = --write ]; then
  cp "$work/now" "$file"
  cat "$file"
  exit
fi

versions() { grep -E '^(rustc|libc|valgrind) ' "$1"; }
if [ "$(versions "$file")" != "$(versions "$work/now")" ]; then
  echo 'measured with other versions, so not compared:'
  diff "$file" "$work/now" || true
  exit 0
fi

touched=$(git diff --name-only HEAD -- "$file"; git diff --name-only HEAD~1 HEAD -- "$file" 2> /dev/null || true)
status=0
while read -r name was; do
  now=$(awk -v name="$name" '$1 == name { print $2 }' "$work/now")
  moved=$(awk -v a="$was" -v b="$now" 'BEGIN { printf "%+.1f", (b - a) * 100 / a }')
  printf '%-12s %14d -> %14d  %s %%\n' "$name" "$was" "$now" "$moved"
  if [ "$((now * 10))" -gt "$((was * 11))" ] && [ -z "$touched" ]; then
    printf '%s grew by more than a tenth: mend it, or say so with .ci/instructions.sh --write\n' "$name"
    status=1
  fi
done < <(grep -vE '^(#|rustc |libc |valgrind )' "$file")
exit "$status"
