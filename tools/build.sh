#!/bin/sh
# Builds one variant without a warning: `tools/build.sh TARGET... NAME=VALUE...`, as make's arguments.
set -eu

if ${MAKE:-make} -s --no-print-directory EXTRA_CFLAGS=-Werror "$@"; then
    echo "1 passed, 0 failed"
else
    echo "0 passed, 1 failed"
    exit 1
fi
