#!/bin/sh
# Measures the table of planted faults anew and puts it into docs/faults.md, in the place of what
# stands between the first two lines of three backquotes there.
#
#   tests/faults/page.sh BUILD RUNTESTS
set -eu

page=docs/faults.md
table=$(mktemp)
trap 'rm -f "$table"' EXIT

"$1/tally_faults" --run-tests "$2" >"$table" || { cat "$table"; exit 1; }
awk -v table="$table" '
    /^```/ { fences++; print; if (fences == 1) while ((getline line < table) > 0) print line; next }
    fences != 1 { print }' "$page" >"$table.page"
mv "$table.page" "$page"
