#!/bin/sh
# Run lines of whole folders: each is passed, failed or skipped in each configuration; what is skipped
# has one of few reasons; what fails is explained in docs, and known.txt says where.
#
#   tests/conformance/run.sh BUILD [FOLDER]     our own files; and Cranelift's, when they are in FOLDER
#
# Cranelift takes part where it is built.
set -eu

build=$1
folder=${2:-}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
here=tests/conformance
own="tests/clif corpus/regressions"
passed=0
failed=0
touch "$dir/used" "$dir/seen"

not_meant='other architecture only|its `test` commands run nothing|CPU lacks [a-z0-9_]+'
no_rule='no lowering of [a-z0-9_.]+|the calling convention (apple_aarch64|probestack)'

# What our own JIT lacks, and nothing else may.
cat > "$dir/lacks" << 'END'
END

complain() {
    failed=$((failed + 1))
    echo "    $1"
}
complain_all() { # WORDS FILE
    while read -r line; do complain "$1$line"; done < "$2"
}

rows() { grep -v '^#' $here/known.txt; }
run_lines() { find "$@" -name '*.clif' -exec cat {} + | grep -cE '^;+ *(run|print|traps)(:|$)'; }
configurations() { echo "$1" | tr , '\n' | wc -l; }

judge() { # CONFIGURATIONS REASONS FOLDER...
    configs=$1
    reasons=$2
    shift 2
    "$build/tally" test --skips --backend "$configs" "$@" > "$dir/out" 2> "$dir/err" || true
    echo "$configs on $*: $(tail -n 1 "$dir/out")"
    set -- $(($(run_lines "$@") * $(configurations "$configs"))) \
        $(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$dir/out")
    [ $# = 4 ] && [ "$1" = $(($2 + $3 + $4)) ] || complain "there are $1 run lines"
    [ "${3:-0}" = "$(grep -c ': failed: ' "$dir/out")" ] || complain "$(head -n 1 "$dir/err")"
    passed=$((passed + ${2:-0}))
    sed -n 's/^ *[0-9]* skipped: //p' "$dir/out" | grep -vxE "$reasons" > "$dir/reasons" || true
    case $configs in
    *jit*)
        grep -xFf "$dir/lacks" "$dir/reasons" >> "$dir/seen" || true
        grep -vxFf "$dir/lacks" "$dir/reasons" > "$dir/others" || true
        mv "$dir/others" "$dir/reasons"
        ;;
    esac
    awk -v used="$dir/used" -f $here/explain.awk $here/known.txt "$dir/out" > "$dir/unexplained"
    complain_all "skipped: " "$dir/reasons"
    complain_all "" "$dir/unexplained"
}

judge_both() { # CONFIGURATIONS REASONS_OF_OUR_OWN
    judge "$1" "$2" $own
    [ -z "$folder" ] || judge "$1" "$not_meant" "$folder"
}

# Each reason is written down, and something fails of it.
check_known() {
    rows | while read -r why file _; do
        grep -qE "^\| \`$why\` |\`tests/clif/$why\`" docs/findings.md docs/differences.md ||
            echo "no page explains $why"
        grep -qxF "$why $file" "$dir/used" || echo "nothing fails as known.txt says: $why, $file"
    done > "$dir/unknown"
    complain_all "" "$dir/unknown"
}

judge_both interp,jit:none:sse2,jit:none:native "$not_meant"
grep -vxFf "$dir/seen" "$dir/lacks" > "$dir/there" || true
complain_all "the JIT lacks no more: " "$dir/there"
if [ -e "$build/backends/cranelift.so" ]; then
    for words in none speed none:sse2; do judge_both "cranelift:$words" "$not_meant|$no_rule"; done
    check_known
else
    echo "not on Cranelift, which is not built (make backend-cranelift)"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
