#!/bin/sh
# The fault of docs/planting-a-fault.md, made from the page's own text in a folder outside of the
# tree, is found.
set -eu

BUILD=${BUILD:-build}
tree=$(pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

block() { # LANGUAGE
    awk -v want="$1" '/^```/ { on = !on && $0 == "```" want; next } on' docs/planting-a-fault.md
}

block c >"$folder/sign_lost.c"
block sh | sed "s|\"\$TALLY/build/|\"\$BUILD/|" >"$folder/commands.sh"
lines=$(wc -l <"$folder/sign_lost.c")
[ "$lines" -gt 10 ] && [ "$lines" -lt 60 ] || { echo "the page's fault has $lines lines"; exit 1; }

case $BUILD in
/*) ;;
*) BUILD=$tree/$BUILD ;;
esac
cd "$folder"
TALLY=$tree BUILD=$BUILD sh -eu ./commands.sh
