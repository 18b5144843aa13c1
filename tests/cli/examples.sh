#!/bin/sh
# The files in docs/clif-tests.md pass their own run lines in each default configuration, and agree.
#
#   tests/cli/examples.sh BUILD
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
awk -v kind=clif -v dir="$dir" -f tools/md_blocks.awk docs/clif-tests.md
passed=0
failed=0

for file in "$dir"/*.clif; do
    if "$1/tally" test --skips "$file" > "$dir/test" && "$1/tally" run "$file" > "$dir/run" &&
        grep -q ', 0 skipped$' "$dir/test"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "docs/clif-tests.md, $(basename "$file" .clif):"
        cat "$dir/test" "$dir/run" 2> /dev/null || true
    fi
done

# Each directive of the table has an example.
for word in $(awk -f tools/clif_words.awk src/ir/directives.def | tr -d ';: '); do
    if grep -qE "^; $word(:|\$)" "$dir"/*.clif; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "docs/clif-tests.md has no example of \`; $word\`"
    fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -ge 15 ]
