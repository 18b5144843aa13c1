#!/bin/sh
# `make check`: installs what is missing, runs the groups of tools/check.mk on all cores, adds up.
#
#   tools/check.sh [TARGET]     a target of tools/check.mk: `check` (default), `check-all`, a group
#
# The last line is `N passed, N failed`; the exit status is 1 when something failed.
set -eu

BUILD=${BUILD:-build}
CHECK_DIR=$BUILD/check
export BUILD CHECK_DIR
case ${1:-} in check-all) what=check-all ;; *) what=check ;; esac
[ "${NO_SETUP:-0}" = 1 ] || tools/setup.sh "$what"

rm -rf "$CHECK_DIR"
mkdir -p "$CHECK_DIR"
start=$(date +%s)
${MAKE:-make} -k -j"$(nproc)" --no-print-directory -f tools/check.mk "${1:-check}" && status=0 || status=$?
echo "all groups: $(($(date +%s) - start)) s"

set -- $(cat "$CHECK_DIR"/*.count /dev/null | awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
passed=$1
failed=$2
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
[ "$passed" != 0 ] || [ "$failed" != 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
