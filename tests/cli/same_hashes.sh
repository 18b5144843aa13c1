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

# Cases of seeds, inputs of two such cases, and bytes that nobody chose; none is empty, AFL++ knows no
# such inputs.
for k in $(seq 1000 1249); do
    "$build/tally" gen --seed "$k" --bytes > "$dir/in/a$k"
    tail -c +$((k * 577)) "$build/tally" | head -c $((1 + k % 97 * (k % 7))) > "$dir/in/c$k"
    tail -c +$((k * 331)) "$build/tally" | head -c $((1 + k % 41 * 100)) > "$dir/in/d$k"
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
count() { # NAME FILE FILE
    if [ -s "$2" ] && cmp -s "$2" "$3"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$1: other hashes than \`tally gen\`:"
        diff "$2" "$3" | head -n 6
    fi
}
count libfuzzer "$dir/gen" "$dir/libfuzzer"
count afl-files "$dir/gen" "$dir/afl"
count afl-shared-memory "$dir/sorted" "$dir/shared"
echo "$(ls "$dir/in" | wc -l) inputs, $(wc -l < "$dir/gen") cases, $(sort -u "$dir/gen" | wc -l) different"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
