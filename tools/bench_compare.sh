#!/bin/sh
# Compares this tree's benchmark with that of another commit, REF: both are built, run in turn five
# times, and the medians are printed with their ratio. BUILD is the build folder.
set -eu
BUILD=${BUILD:-build}
CASES=${CASES:-10000}
: "${REF:?name a commit: make bench-compare REF=HEAD~1}"

there=$BUILD/compare
rm -rf "$there"
mkdir -p "$there"
git -c safe.directory='*' archive "$REF" | tar -x -C "$there"
make -s -C "$there" BUILD=build build/tally_bench

runs=$(mktemp)
trap 'rm -f "$runs"' EXIT
for turn in 1 2 3 4 5; do
    "$there/build/tally_bench" "$CASES" | sed 's/^/before /' >> "$runs"
    "$BUILD/tally_bench" "$CASES" | sed 's/^/after /' >> "$runs"
done
sort -k2,2 -k1,1 -k3,3g "$runs" | awk '
    { key = $2 SUBSEP $1; n[key]++; value[key, n[key]] = $3; if (!($2 in seen)) { seen[$2]; order[++count] = $2 } }
    function median(key) { return value[key, int((n[key] + 1) / 2)] }
    END {
        printf "%-32s %12s %12s %8s\n", "median of 5", "before", "after", "ratio"
        for (k = 1; k <= count; k++) {
            before = median(order[k] SUBSEP "before"); after = median(order[k] SUBSEP "after")
            printf "%-32s %12.2f %12.2f %8.3f\n", order[k], before, after, before ? after / before : 0
        }
    }'
