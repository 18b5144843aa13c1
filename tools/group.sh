#!/bin/sh
# One group of `make check`: runs a command, keeps its output, prints one line.
#
#   CHECK_DIR=build/check tools/group.sh NAME COMMAND...
#
# The command's last line that says `N passed, N failed` is its count. A command that says none, or
# that says no failure and yet fails, counts as one failure: nothing passes in silence.
set -eu

name=$1
shift
log=$CHECK_DIR/$name.log
start=$(date +%s)
"$@" >"$log" 2>&1 && status=0 || status=$?
seconds=$(($(date +%s) - start))

count=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p' "$log" | tail -n 1)
passed=${count% *}
failed=${count#* }
if [ -z "$count" ]; then
    passed=0 failed=1
    echo "the group printed no count (exit status $status)" >>"$log"
elif [ "$status" != 0 ] && [ "$failed" = 0 ]; then
    failed=1
    echo "the group ended with exit status $status" >>"$log"
elif [ "$passed$failed" = 00 ]; then
    failed=1
    echo "the group tested nothing" >>"$log"
fi
echo "$passed $failed" >"$CHECK_DIR/$name.count"
printf '%-20s %4d s  %s passed, %s failed\n' "$name" "$seconds" "$passed" "$failed"
[ "$failed" = 0 ] || { sed 's/^/    /' "$log" | tail -n 40; echo "    (whole output: $log)"; }
