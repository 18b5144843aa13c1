#!/bin/sh
# The back end of docs/writing-a-backend.md, made from the page's own text in a folder outside of
# the tree: agrees, is honest about what it cannot do, and is found out when it is wrong.
#
#   tests/backends/example.sh BUILD
set -eu

build=$(cd "$1" && pwd)
tree=$(pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
. tests/cli/counts.sh
. tests/backends/page.sh

explain() { tail -n 12 "$folder/out"; }
said() { grep -q -- "$1" "$folder/out"; }

block c > "$folder/example.c"
block clif > "$folder/sum.clif"
lines=$(wc -l < "$folder/example.c")
check "the page's back end has $lines lines" [ "$lines" -lt 150 ]
check "and builds from include/ alone, without a warning" \
    library "$folder/strict.so" "$folder/example.c"

# The page's commands, with the programs of this build; the page tells what they answer.
block sh | sed "/^make /d; s|\"\$TALLY/build/|\"\$BUILD/|" > "$folder/commands.sh"
cd "$folder"
TALLY=$tree BUILD=$build sh -eu ./commands.sh > out 2>&1 && status=0 || status=$?
check "the page's commands" [ "$status" = 0 ]
check "tally knows it" said '^\./example\.so  *1\.0: arithmetic on i64'
check "and its option" said 'divide=fault|check'
check "it agrees" [ "$(grep -c '^sum.clif: agree' out)" = 2 ]
check "generated cases are refused by reason" said 'refused [0-9]* (example: [a-z_]* [0-9]'
check "and counted" said ', example took 0 of [1-9]'
sed -n 's/^    \(sum.clif: .*\|  signature .*\)/\1/p' "$tree/docs/writing-a-backend.md" > answers
check "the page has the wrong one's answer" [ "$(wc -l < answers)" = 2 ]
while read -r answer; do check "the page's answer: $answer" said "$answer"; done < answers

tally() { "$build/tally" "$@" > out 2>&1 && status=0 || status=$?; }

# Both ways to trap: the third run divides by zero.
for divide in fault check; do
    sed 's/^; print: %sum(5, 0)/; traps: %sum(5, 0) int_divz/' sum.clif > traps.clif
    tally test --backend "./example.so:divide=$divide" traps.clif
    check "divide=$divide traps" said '^3 passed, 0 failed, 0 skipped'
done
tally run --backend interp,jit:none:native,./example.so:divide=maybe sum.clif
check "a value that there is not: the others go on" said '^sum.clif: agree'
check "and it is said" said '`maybe` is no value of divide; it takes fault|check'
check "exit status 2" [ "$status" = 2 ]

# Other libraries of the same name beside it, found by name.
mkdir shelf
cp example.so shelf/shelved.so
tally run --backend interp,jit:none:native,shelved sum.clif
check "not found without the folder" [ "$status" = 2 ]
export TALLY_BACKENDS=$folder/shelf
tally run --backend interp,jit:none:native,shelved sum.clif
check "found by name" [ "$status" = 0 ]
finish
