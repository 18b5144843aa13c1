#!/bin/sh
# Three cases cut at every byte: each piece is read, or refused with a located message and exit
# status 2, within 64 MiB.
#
#   tests/cli/truncated.sh TALLY WITHIN MEGABYTES
set -eu

tally=$1
within="$2 $3 10"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

for seed in 1 2 3; do
    whole=$dir/whole.clif
    "$tally" gen --seed "$seed" > "$whole"
    n=$(wc -c < "$whole")
    cut=$dir/cut.clif
    while [ "$n" -gt 0 ]; do
        n=$((n - 1))
        head -c "$n" "$whole" > "$cut"
        $within "$tally" show "$cut" > /dev/null 2> "$dir/err" && status=0 || status=$?
        if [ "$status" = 0 ] || { [ "$status" = 2 ] && grep -q 'cut.clif:[0-9]*:[0-9]*: error: ' "$dir/err"; }; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "WRONG: seed $seed, first $n bytes: exit status $status"
            head -n 3 "$dir/err"
        fi
    done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
