#!/bin/sh
# The fault of docs/planting-a-fault.md, made from the page's own text in a folder outside of the
# tree, is found, and its finding can be shown again. The programs that the page builds are there.
set -eu

BUILD=${BUILD:-build}
tree=$(pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

block() { # LANGUAGE
    awk -v want="$1" '/^```/ { on = !on && $0 == "```" want; next } on' docs/planting-a-fault.md
}

block c >"$folder/sign_lost.c"
block sh | sed "/^make /d; s|\"\$TALLY/build/|\"\$BUILD/|" >"$folder/commands.sh"
lines=$(wc -l <"$folder/sign_lost.c")
[ "$lines" -gt 10 ] && [ "$lines" -lt 60 ] || { echo "the page's fault has $lines lines"; exit 1; }

case $BUILD in
/*) ;;
*) BUILD=$tree/$BUILD ;;
esac
cd "$folder"
TALLY=$tree BUILD=$BUILD sh -eu ./commands.sh >output || { cat output; exit 1; }
cat output
grep -q '^sign_lost .*|  *[1-9][0-9]*  *[1-9]' output
grep -q 'uload16\|sload16' output
