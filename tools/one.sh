#!/bin/sh
# Runs a command that counts as one test: it passes when its exit status is 0.
#
#   tools/one.sh COMMAND...
set -u

if "$@"; then
    echo "1 passed, 0 failed"
else
    echo "exit status $?: $*"
    echo "0 passed, 1 failed"
    exit 1
fi
