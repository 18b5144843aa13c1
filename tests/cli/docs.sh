#!/bin/sh
# What docs/ says by `make docs` is what the tables say today.
#
#   tests/cli/docs.sh BUILD
set -eu

now=$(mktemp)
trap 'rm -f "$now"' EXIT
passed=0
failed=0

same() { # PAGE COMMAND...
    page=$1
    shift
    "$@" > "$now"
    if cmp -s "$page" "$now"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$page is not what \`make docs\` writes:"
        diff "$page" "$now" | head -n 6
    fi
}
same docs/support.md "$1/tally_support"
same docs/limits.md awk -f tools/limits.awk src/ir/limits.def
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
