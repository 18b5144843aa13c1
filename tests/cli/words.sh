#!/bin/sh
# Every word of the tables in src/ir stands in a text of the tests or of the corpus: the fuzzer of
# the reader starts from those. Prints `N passed, N failed`.
set -eu
passed=0
failed=0
words=$(mktemp)
trap 'rm -f "$words"' EXIT
awk -f tools/clif_words.awk src/ir/*.def > "$words"

while IFS= read -r word; do
    if grep -rqwF --include='*.clif' -e "$word" tests corpus; then
        passed=$((passed + 1))
    else
        echo "no text has the word \`$word\`"
        failed=$((failed + 1))
    fi
done < "$words"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -ge 300 ]
