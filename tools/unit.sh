#!/bin/sh
# Runs unit tests (cmocka programs) and counts their tests; a program that dies counts as a failure.
#
#   tools/unit.sh PROGRAM...
set -eu

passed=0
failed=0
for program in "$@"; do
    output=$("$program" 2>&1) && status=0 || status=$?
    p=$(echo "$output" | sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' | tail -n 1)
    f=$(echo "$output" | sed -n 's/^\[  FAILED  \].*: \([0-9]*\) test.*listed below.*/\1/p' | tail -n 1)
    if [ "$status" != 0 ] && [ "${f:-0}" = 0 ]; then f=1; fi
    if [ "${p:-0}${f:-0}" = 00 ]; then f=1; fi
    if [ "${f:-0}" != 0 ]; then
        echo "$program: exit status $status"
        echo "$output" | grep -v '^\[  *\(OK\|RUN\) ' || true
    fi
    passed=$((passed + ${p:-0}))
    failed=$((failed + ${f:-0}))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
