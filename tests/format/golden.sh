#!/bin/sh
# The same bytes decode to the same cases for as long as the number of the format stays the same:
# compares the hashes of the first seeds with golden.txt.
#
#   golden.sh            prints `N passed, N failed`
#   golden.sh --bless    writes golden.txt anew and shows the difference
set -eu
BUILD=${BUILD:-build}
here=$(dirname "$0")
now=$(mktemp)
trap 'rm -f "$now"' EXIT

awk '/GEN_FORMAT =/ { print "format", $4 + 0 }' src/gen/gen.h > "$now"
seed=0
while [ $seed -lt 100 ]; do
    hash=$("$BUILD/tally" gen --seed $seed --bytes | "$BUILD/tally" gen --from - --hashes)
    echo "$seed $hash" >> "$now"
    seed=$((seed + 1))
done

if [ "${1:-}" = --bless ]; then
    diff "$here/golden.txt" "$now" || true
    cp "$now" "$here/golden.txt"
    exit
fi
failed=$(diff "$here/golden.txt" "$now" | grep -c '^>' || true)
[ "$failed" = 0 ] || {
    diff "$here/golden.txt" "$now" | head
    echo "decoding has changed: give GEN_FORMAT a new number, then tests/format/golden.sh --bless"
}
echo "$((101 - failed)) passed, $failed failed"
[ "$failed" = 0 ]
