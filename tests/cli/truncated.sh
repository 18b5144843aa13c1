#!/bin/sh
# Three seeds cut at every byte: as text each piece is read, or refused with a located message and
# exit status 2; as bytes each decodes; within 64 MiB and ten seconds.
#
#   tests/cli/truncated.sh BUILD MEGABYTES      0 megabytes: a build with sanitizers
set -eu

build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

cuts() { # ALL-OR-SOME FILE COMMAND...
    "$build/cuts" "$megabytes" 10 "$@" > "$dir/out" 2>&1 || grep -a -A3 WRONG "$dir/out" || true
    last=$(tail -n 1 "$dir/out")
    passed=$((passed + ${last% passed*}))
    last=${last#*, }
    failed=$((failed + ${last% failed}))
}

megabytes=$2
for name in address_to_callee cell_of_a_contract vectors; do
    seed=corpus/seeds/$name
    "$build/tally" gen --from "$seed" > "$dir/$name.clif"
    cuts some "$dir/$name.clif" "$build/tally" show
    cuts all "$seed" "$build/tally" gen --from
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
