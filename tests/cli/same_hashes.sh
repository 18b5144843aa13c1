#!/bin/sh
# The same bytes mean the same cases everywhere: 1,000 inputs through `tally gen`, the libFuzzer
# program, the AFL++ program reading files, and the AFL++ program with test cases in shared memory.
#
#   tests/cli/same_hashes.sh BUILD
set -eu

build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/in"

# Cases of seeds, inputs of two such cases, and bytes that nobody chose, of 1 byte to 64 KiB; none is
# empty, AFL++ knows no such inputs.
for k in $(seq 1000 1249); do
    "$build/tally" gen --seed "$k" --bytes > "$dir/in/a$k"
    tail -c +$((k * 577)) "$build/tally" | head -c $((1 + k % 97 * (k % 7))) > "$dir/in/c$k"
    tail -c +$((k * 331)) "$build/tally" | head -c $((1 + k % 41 * 100)) > "$dir/in/d$k"
done
for k in 1050 1100 1150 1200; do
    tail -c +$((k * 331)) "$build/tally" | head -c $((k % 1000 * 300 + 5536)) > "$dir/in/d$k"
done

for k in $(seq 1000 1249); do
    cat "$dir/in/a$k" "$dir/in/a$((1000 + k * k % 250))" > "$dir/in/b$k"
done

for f in "$dir"/in/*; do "$build/tally" gen --from "$f" --hashes; done > "$dir/gen"
export TALLY_OPTIONS="hashes backend=interp"
"$build/tally_fuzzer" "$dir"/in/* 2>/dev/null | grep '^hash' > "$dir/libfuzzer"
"$build/tally_afl" "$dir"/in/* | grep '^hash' > "$dir/afl"
AFL_DEBUG=1 AFL_DEBUG_CHILD=1 afl-showmap -i "$dir/in" -o "$dir/map" -- "$build/tally_afl" 2>&1 |
    grep -a -o 'hash [0-9a-f]\{16\}' > "$dir/shared"
sort "$dir/gen" > "$dir/sorted"
sort -o "$dir/shared" "$dir/shared"

passed=0
failed=0
check() { # TEXT COMMAND...
    what=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "WRONG: $what"; fi
}
same() { cmp -s "$1" "$2" || { diff "$1" "$2" | head -n 6 && false; }; }

inputs=$(ls "$dir/in" | wc -l)
sizes=$(wc -c "$dir"/in/* | awk '$2 != "total" { print $1 }' | sort -un | wc -l)
cases=$(wc -l < "$dir/gen")
different=$(sort -u "$dir/gen" | wc -l)
echo "$inputs inputs of $sizes sizes, $cases cases, $different different"
check "1,000 inputs" [ "$inputs" = 1000 ]
check "of many sizes" [ "$sizes" -ge 200 ]
check "a case in each" [ "$cases" -ge 1000 ]
check "most of them different" [ $((different * 3)) -ge $((cases * 2)) ]
check "libFuzzer" same "$dir/gen" "$dir/libfuzzer"
check "AFL++, files" same "$dir/gen" "$dir/afl"
check "AFL++, shared memory" same "$dir/sorted" "$dir/shared"

# The empty input.
: > "$dir/empty"
"$build/tally" gen --from "$dir/empty" --hashes > "$dir/gen"
"$build/tally_fuzzer" "$dir/empty" 2>/dev/null | grep '^hash' > "$dir/libfuzzer"
"$build/tally_afl" "$dir/empty" | grep '^hash' > "$dir/afl"
check "nothing is a case" [ "$(wc -l < "$dir/gen")" = 1 ]
check "libFuzzer, of nothing" same "$dir/gen" "$dir/libfuzzer"
check "AFL++, of nothing" same "$dir/gen" "$dir/afl"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
