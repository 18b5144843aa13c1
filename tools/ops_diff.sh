#!/bin/sh
# Compares our tables of instructions and formats (src/ir/ops.def, formats.def, typesets.def) with
# those of the pinned Cranelift, row by row: names, formats and the kinds of their operands, types,
# what a type suffix may say, what ends a block. What differs is a line of
# tests/support/ops_differ.def, which docs/support.md shows.
#
#   BUILD=build tools/ops_diff.sh      the last line is `N passed, N failed`; 3: no cargo, no registry
set -eu

build=${BUILD:-build}
here=$(dirname "$0")
version=$(sed -n 's/^CRANELIFT_PINNED := //p' "$here/backends.mk")
BUILD=$build "$here/cranelift.sh" "$version" ops || exit $?
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export LC_ALL=C

sort -u "$build/backends/cranelift-$version/ops" > "$dir/theirs"
"$build/tally_ops" | sort -u > "$dir/ours"
sed -n 's/^DIFFER( "\([^"]*\)".*/\1/p' tests/support/ops_differ.def > "$dir/known"
comm -3 "$dir/theirs" "$dir/ours" | sed 's/^\t/tally: /; t; s/^/Cranelift: /' > "$dir/differ"

# Known lines go; a line of the list that nothing matches is a failure too.
awk 'NR == FNR { known[$0] = 0; next }
     { line = $0; sub(/^[A-Za-z]*: /, "", line); found = 0
       for (k in known) if (index(line, k " ") == 1) { known[k]++; found = 1 }
       if (!found) print }
     END { for (k in known) if (!known[k]) print "tests/support/ops_differ.def: `" k "` differs no longer" }' \
    "$dir/known" "$dir/differ" > "$dir/failed"
head -n 20 "$dir/failed"
echo "$(comm -12 "$dir/theirs" "$dir/ours" | wc -l) passed, $(wc -l < "$dir/failed") failed"
[ ! -s "$dir/failed" ]
