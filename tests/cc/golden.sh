#!/bin/sh
# What the C writer writes: tests/cc/golden/NAME.clif with NAME.c.txt beside it, and as
# NAME.OPTION.c.txt what it writes with one of the options of build/tally_c. Compiles them, too,
# and some generated cases: neither gcc nor clang has anything to warn of.
#
#   golden.sh BUILD            prints `N passed, N failed`
#   golden.sh BUILD --bless    writes the expectations anew and shows the difference
set -eu

build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. tests/cli/counts.sh
explain() { head -n 20 "$dir/out"; }

# Of tests/cc/golden/flow.arrays.c.txt flow and --arrays.
file_of() { echo "${1%%.*}"; }
option_of() { o=${1#*.} && case $o in c.txt) ;; *) echo "--${o%.c.txt}" ;; esac; }

# A null that is a constant is tested for, and then accessed in code that is never reached; cases
# compare values with themselves.
warnings="-Wall -Wextra -Werror -Wno-array-bounds -Wno-tautological-compare"

compiles() { # FILE OPTION
    "$build/tally_c" $2 "$1" > "$dir/a.c"
    for cc in gcc clang; do
        $cc -O2 $warnings -c "$dir/a.c" -o "$dir/a.o" > "$dir/out" 2>&1 || return 1
    done
}

for golden in tests/cc/golden/*.c.txt; do
    name=$(basename "$golden")
    clif=tests/cc/golden/$(file_of "$name").clif
    option=$(option_of "$name")
    "$build/tally_c" --no-prelude $option "$clif" > "$dir/now"
    diff "$golden" "$dir/now" > "$dir/out" && same=0 || same=1
    if [ "${2:-}" = --bless ]; then
        cat "$dir/out"
        cp "$dir/now" "$golden"
        continue
    fi
    check "$golden" [ $same = 0 ]
    check "$golden compiles" compiles "$clif" "$option"
done
[ "${2:-}" != --bless ] || exit 0

seed=0
while [ $seed -lt 16 ]; do
    "$build/tally" gen --seed $seed > "$dir/case.clif"
    for option in "" --arrays --typed --pointers; do
        check "seed $seed $option compiles" compiles "$dir/case.clif" "$option"
    done
    seed=$((seed + 1))
done
finish
