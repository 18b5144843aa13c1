#!/bin/sh
# Every cargo in PATH, in its order, with its version: `/usr/bin/cargo 1.96.0` a line.
set -eu

echo "$PATH" | tr : '\n' | awk '!seen[$0]++' | while read -r folder; do
    [ -x "$folder/cargo" ] || continue
    version=$("$folder/cargo" --version 2>/dev/null | sed -n 's/^cargo \([0-9.]*\).*/\1/p') || true
    echo "$folder/cargo ${version:-0}"
done
