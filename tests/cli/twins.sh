#!/bin/sh
# What Cranelift's own reader and verifier take: 1,000 printed modules and 1,000 upstream twins, for
# each version that is built, in its dialect. What a dialect has no words for is counted apart; the
# current one has words for everything.
#
#   tests/cli/twins.sh BUILD NAME...        back ends, by their names
set -eu

build=$1
shift
[ $# -gt 0 ] || { echo "no Cranelift is built: make backend-cranelift"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

make_files() {
    mkdir "$dir/module" "$dir/twin"
    seed=0 twins=0
    while [ $seed -lt 1000 ] || [ $twins -lt 1000 ]; do
        case=$dir/module/$seed.clif
        "$build/tally" gen --seed $seed -o "$case"
        if [ $twins -lt 1000 ] && "$build/tally" show --twin 0 "$case" 2> /dev/null \
            > "$dir/twin/$seed.clif"; then
            twins=$((twins + 1))
        else
            rm -f "$dir/twin/$seed.clif"
        fi
        [ $seed -lt 1000 ] || rm "$case"
        seed=$((seed + 1))
    done
}

count() { grep -cE "$1" "$dir/out" || true; }

read_all() { # NAME KIND
    "$build/tally" run --backend "interp,$1" "$dir/$2"/*.clif > "$dir/out" 2>&1 && status=0 || status=$?
    lines=$(count '\.clif: (agree$|finding: |unjudged: )')
    wordless=$(count 'refused: no (instruction|type|calling convention|word|handler of a call) [a-z0-9_]+ before 0')
    objected=$(count 'refused: reader: |\(verifier: |cranelift-reader-')
    echo "$1: ${2}s: $((lines - objected - wordless)) read, $objected not read, $wordless not said"
    if [ "$lines" = 1000 ] && [ "$status" -le 5 ] && [ "$objected" = 0 ] && [ "$wordless" -le "$3" ]
    then
        passed=$((passed + lines - wordless))
    else
        failed=$((failed + objected + 1))
        grep -E 'refused: reader: |\(verifier: |cranelift-reader-' "$dir/out" | head -n 5
        echo "$lines lines, exit status $status"
    fi
}

make_files
for name; do
    case $name in # how many of 1,000 have a word that came later
    cranelift-0.9[1-5].*) most=650 ;;
    cranelift-0.9* | cranelift-0.10*) most=400 ;;
    cranelift-0.11*) most=250 ;;
    cranelift-0.12[0-4].*) most=90 ;;
    *) most=0 ;;
    esac
    read_all "$name" module $most
    read_all "$name" twin $most
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
