#!/bin/sh
# The house style, for everything that is committed.
set -eu
export LC_ALL=C

git ls-files | grep -v '^LICENSE$' | while read -r f; do [ ! -f "$f" ] || echo "$f"; done |
    xargs awk -f tools/style.awk
