#!/bin/sh
# Every seed of the corpus decodes to a case that has the words of its neighbour file, none of those
# behind a `!`, and that all configurations agree on. Prints `N passed, N failed`.
set -eu
BUILD=${BUILD:-build}
text=$(mktemp)
trap 'rm -f "$text"' EXIT
passed=0
failed=0

for words in corpus/seeds/*.words; do
    seed=${words%.words}
    good=1
    "$BUILD/tally" gen --from "$seed" -o "$text" || good=0
    while IFS= read -r word; do
        case $word in
        !*) ! grep -qF -e "${word#!}" "$text" || { echo "$seed: has \`${word#!}\`"; good=0; } ;;
        *) grep -qF -e "$word" "$text" || { echo "$seed: no \`$word\`"; good=0; } ;;
        esac
    done < "$words"
    "$BUILD/tally" run "$text" > /dev/null || { echo "$seed: the configurations differ"; good=0; }
    if [ $good = 1 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -ge 30 ]
