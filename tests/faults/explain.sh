#!/bin/sh
# What `tally explain` names of N findings of each planted fault is what was planted, in most of them;
# those in which it is not stand in docs/explain.md. With `page`, puts the table there, in the place
# of what stands between the last two lines of three backquotes.
#
#   tests/faults/explain.sh BUILD N [page]
set -eu

page=docs/explain.md
table=$(mktemp)
trap 'rm -f "$table"' EXIT

"$1/tally_faults" --explain "$2" > "$table" && status=0 || status=$?
cat "$table"
if [ "${3:-}" = page ]; then
    last=$(grep -n '^```' "$page" | tail -n 2 | head -n 1 | cut -d : -f 1)
    { head -n "$last" "$page" && sed '$d' "$table" && echo '```'; } > "$table.page"
    mv "$table.page" "$page"
fi

passed=$(sed -n 's/^\([0-9]*\) passed.*/\1/p' "$table" | tail -n 1)
failed=$(sed -n 's/.*passed, \([0-9]*\) failed$/\1/p' "$table" | tail -n 1)
grep ' NO$' "$table" > "$table.wrong" || true
while read -r fault seed rest; do
    if grep -q "^$fault *$seed .* NO$" "$page"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$page has no line for $fault, $seed, which is named wrongly"
    fi
done < "$table.wrong"
rm "$table.wrong"
echo "${passed:-0} passed, ${failed:-1} failed"
[ "${failed:-1}" = 0 ] && [ "$status" = 0 ]
