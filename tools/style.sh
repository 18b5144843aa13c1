#!/bin/sh
# The house style, for every file of the tree.
set -eu
export LC_ALL=C

tools/files.sh | grep -v '^LICENSE$' | xargs awk -f tools/style.awk
