#!/bin/sh
# `tally gen --census`: the list of cells that are short, the last line, --off, --json. What is counted
# and what is legal is tested in tests/unit/triage.
#
#   tests/cli/gen_census.sh BUILD
set -eu

build=$1
out=$(mktemp)
trap 'rm -f "$out"' EXIT
passed=0
failed=0

check()
{
    what=$1
    shift
    if "$@" > /dev/null; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "WRONG: $what"; fi
}

census() # ARGUMENTS...
{
    "$build/tally" gen --census "$@" > "$out" && status=0 || status=$?
    check "exit status $status of: tally gen --census $*" [ "$status" = 0 ]
}

has() { check "no \`$1\`" grep -qE -e "$1" "$out"; }
lacks() { check "\`$1\`" sh -c "! grep -qE -e '$1' '$out'"; }

# Every line but the last is a cell, what the JIT refuses comes last; as many are empty as it says.
listed()
{
    check 'a line that is no cell' awk '
        last { bad = 1 }
        /^cells [0-9]+, empty [0-9]+$/ { last = 1; said = $4; next }
        !/^[a-z0-9_]+(\.[a-z0-9]+)?( [a-z0-9_]+(\.[a-z0-9]+)?)*  +[a-z]+ +[0-9]+(  interp only)?$/ { bad = 1 }
        { marked = / interp only$/; sub(/  interp only$/, "") }
        only && !marked { bad = 1 }
        marked { only = 1 }
        $NF == 0 { empty++ }
        END { exit bad || !last || said != empty }' "$out"
}

census 2000
listed
lacks '^iadd\.i32 +(register|constant|load) '
lacks '^select condition\.i8 +load '
lacks '^load\.i8x16 unknown +slot '
lacks '^load heap_oob aligned region +flags '
lacks '^system_v sext +parameter '
lacks '^iadd\.i8x32 '

census 2000 --off vector,float
listed
has '^iadd\.i32x4 +register +0$'
has '^load\.f64 aligned +slot +0$'
lacks '^iadd\.i32 +load '

census 2000 --json
has '^{"cases":2000,"demand":1,"cells":[0-9]+,"empty":[0-9]+,"short_cells":[0-9]+}$'
has '"name":"iadd.i32","detail":"load","count":[1-9][0-9]*,"short":false,"interp_only":false}$'
has '"name":"fadd.f16","detail":"load","count":[0-9]+,"short":[a-z]+,"interp_only":true}$'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
