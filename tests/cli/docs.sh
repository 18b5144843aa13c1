#!/bin/sh
# What docs/ says by `make docs` is what the tables say today; what loaded back ends take is measured
# by `make docs-loaded`.
#
#   tests/cli/docs.sh BUILD
set -eu

now=$(mktemp)
page_now=$(mktemp)
trap 'rm -f "$now" "$page_now"' EXIT
passed=0
failed=0

same() { # PAGE COMMAND...
    page=$1
    shift
    "$@" > "$now"
    sed '/^## Loaded back ends/,$d' "$page" > "$page_now"
    if cmp -s "$page_now" "$now"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$page is not what \`make docs\` writes:"
        diff "$page_now" "$now" | head -n 6
    fi
}
same docs/support.md "$1/tally_support"
same docs/limits.md awk -f tools/limits.awk src/ir/limits.def
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
