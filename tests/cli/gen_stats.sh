#!/bin/sh
# `tally gen --stats`: every row of gen/stats.def with its demand, the exit status, --off, --json.
#
#   tests/cli/gen_stats.sh TALLY
set -eu

tally=$1
out=$(mktemp)
trap 'rm -f "$out"' EXIT
passed=0
failed=0

# Runs `tally gen` with the arguments behind the wanted exit status.
gen()
{
    want=$1
    shift
    "$tally" gen "$@" > "$out" && status=0 || status=$?
    check "exit status $status of: tally gen $*" [ "$status" = "$want" ]
}

check()
{
    what=$1
    shift
    if "$@" > /dev/null; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "WRONG: $what"; fi
}

has() { check "no \`$1\`" grep -qE -e "$1" "$out"; }
lacks() { check "\`$1\`" sh -c "! grep -qE -e '$1' '$out'"; }

gen 0 --stats 10000
for row in $(sed -n 's/^\(SHARE\|MEAN\|LIMIT\)( *\([a-z0-9_]*\),.*/\2/p' src/gen/stats.def); do
    has "^$row  *[0-9]"
done
lacks SHORT
has 'fuel 0, refused 0, invalid 0'
has '^trapped .*heap_oob=[0-9]'
has '^ *[0-9]+ +[0-9]+ #+$'
has '^select .*f64x2:[1-9]'
has '^executed instructions'
has '^fcopysign .*f32:[1-9][0-9]* f64:[1-9]'

gen 1 --stats 300 --off address
has '^passed  *0.0 .*SHORT'
has ' i32x4:0 SHORT'

gen 1 --stats 300 --off address --json
check 'not JSON' sh -c "tr -d ' \n' < '$out' | grep -qE '^[{].*\"passed\":[{]\"value\":0.0,.*\"holds\":false.*[}]$'"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
