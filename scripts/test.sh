#!/bin/sh
# npm test: set up, then run the tests of all rings; without root those that are pure (rings 1 and 2).
# Arguments are vitest's: npm test -- --project kernel
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh
. scripts/test-tools.sh

setup_modules
if ! is_root; then
  say "not root: rings 1 and 2 run; rings 3 and 4 (kernel, system) need root and are skipped"
  # vitest wants to keep a file for itself, and stops where it finds no place for it
  if ! [ -w "${HOME:-/}" ] && ! [ -w node_modules ]; then
    XDG_DATA_HOME=$(mktemp -d)
    export XDG_DATA_HOME
    trap 'rm -rf "$XDG_DATA_HOME"' EXIT
  fi
  node node_modules/vitest/vitest.mjs run --configLoader native --project pure "$@"
  exit
fi
may_make_networks ||
  die "root lacks CAP_NET_ADMIN here, and rings 3 and 4 make networks: run this on the host itself or in a container with --privileged, or not as root for rings 1 and 2"
build
setup_system tests
setup_test_tools
run() { node node_modules/vitest/vitest.mjs run --configLoader native "$@"; }
if [ $# -gt 0 ]; then run "$@"; exit; fi

# ring NAME PROJECT...: run it. A few files that fail are run once more, each alone, and named: what fails twice
# fails, and what passed only then is told at the end (docs/decisions/029-failed-files-run-again.md).
unsteady=
ring() {
  results=.cache/results-$1.json
  shift
  rm -f "$results"
  if run --reporter=default --reporter=json --outputFile.json="$results" "$@"; then return 0; fi
  failed=$(node scripts/failed-files.ts "$results") || exit 1
  for file in $failed; do
    say "$file failed: once more, alone"
    run "$@" "$file" || exit 1
  done
  unsteady="$unsteady $failed"
}
# ring 4 counts what is left on the machine: nothing else may come and go meanwhile
ring kernel --project pure --project kernel
ring system --project system
[ -z "$unsteady" ] || say "passed only when run again:$unsteady"
