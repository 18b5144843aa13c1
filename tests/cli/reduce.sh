#!/bin/sh
# `tally reduce` as people and scripts meet it: what it leaves, limits, interruption, what it says
# of a finding that does not show, and that neither processes nor repeats nor builds change a byte.
#
#   tests/cli/reduce.sh BUILD [OTHER_BUILD]
set -eu

build=$(cd "$1" && pwd)
other=$(cd "${2:-$1}" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tally=$build/tally
planted=$build/tally_planted
within="$build/within 60 4096"
. "${0%/*}/expect.sh"

# same WHAT FILE FILE
same() { if cmp -s "$2" "$3"; then right; else wrong "$1: $2 and $3 differ"; fi; }
holds() { # WHAT PATTERN FILE
    if grep -qE -e "$2" "$3"; then right; else wrong "$1: nothing like /$2/ in $3"; fi
}
is() { # WHAT COMMAND...
    what=$1
    shift
    if "$@"; then right; else wrong "$what"; fi
}

cd "$dir"
export TALLY_PLANT=load_over_store
list=interp,jit:none:native,jit:none:native:planted
"$planted" fuzz --backend $list --executions 20000 --stop --findings found > log && wrong "no finding"
finding=$(echo found/*)
fresh() { rm -f "$finding"/reduc*; }

# What is left is short, shows the same, and is there for Cranelift, too.
expect 1 - "$planted" reduce "$finding"
holds "the end" '^[0-9]+ instructions of [0-9]+ are left, [0-9]+ candidates tried$' out
is "twelve lines" [ "$(sed -n 's/^\([0-9]*\) instructions of .*/\1/p' out)" -le 12 ]
is "no journal is left" [ ! -e "$finding/reducing.json" ]
cp "$finding/reduced.clif" whole.clif
cp "$finding/reduced-upstream.clif" twin.clif
expect 1 - "$planted" repro --backend $list whole.clif
holds "what is left shows it" '^results: jit:none:native:planted' out
expect 0 - "$tally" test whole.clif
expect 0 - "$tally" test twin.clif

# Nobody can tell how many processes there were, nor which compiler built them, nor the first run
# from another.
for jobs in 1 2 3 7; do
    fresh
    expect 1 - "$planted" reduce --quiet --jobs $jobs "$finding"
    same "$jobs processes" whole.clif "$finding/reduced.clif"
done
fresh
expect 1 - "$other/tally_planted" reduce --quiet "$finding"
same "the other build" whole.clif "$finding/reduced.clif"
for repeat in $(seq "${REPEATS:-5}"); do
    fresh
    expect 1 - "$planted" reduce --quiet "$finding"
    same "repeat $repeat" whole.clif "$finding/reduced.clif"
done

# Limits: it says so, and goes on where it was.
fresh
expect 1 - "$planted" reduce --quiet --max-tries 100 "$finding"
holds "a limit" '100 candidates tried; stopped early: as many candidates as --max-tries' out
is "a journal is left" [ -e "$finding/reducing.json" ]
if cmp -s whole.clif "$finding/reduced.clif"; then wrong "100 tries were enough"; else right; fi
expect 1 - "$planted" reduce --quiet "$finding"
same "going on" whole.clif "$finding/reduced.clif"
is "no journal is left" [ ! -e "$finding/reducing.json" ]

# Ended by what a terminal, a machine or the kernel sends, as soon as something is decided.
fresh
ended=0
for signal in INT TERM KILL INT; do
    cp "$finding/reducing.json" before.json 2> /dev/null || : > before.json
    "$planted" reduce --quiet "$finding" > out 2> err &
    pid=$!
    while kill -0 $pid 2> /dev/null && cmp -s "$finding/reducing.json" before.json; do :; done
    kill -$signal $pid 2> /dev/null || true
    wait $pid 2> /dev/null && status=0 || status=$?
    case $status in
    1) ;;
    130 | 143 | 137) ended=$((ended + 1)) ;;
    *) wrong "status $status after SIG$signal" ;;
    esac
done
is "none was ended early" [ $ended -gt 0 ]
expect 1 - "$planted" reduce --quiet "$finding"
same "after interruptions" whole.clif "$finding/reduced.clif"

# A journal of another case, of another build, or one that is damaged, is none.
fresh
for text in '' '{' '{"file": "tally reduction"}' 'null'; do
    echo "$text" > "$finding/reducing.json"
    expect 1 - "$planted" reduce --quiet "$finding"
    same "journal '$text'" whole.clif "$finding/reduced.clif"
done

# A file: the result is what stdout has, or goes where --output says.
expect 1 . "$planted" reduce --backend $list "$finding/case.clif"
same "stdout" whole.clif out
expect 1 - "$planted" reduce --backend $list --output there.clif "$finding/case.clif"
same "--output" whole.clif there.clif
is "nothing beside the finding" [ ! -e case.clif ]

# As JSON.
fresh
expect 1 - "$planted" reduce --json "$finding"
is "one object" "$build/json_lines" path instructions from tries kept case kind odd < out

# What shows no more, or something else: exit status 6, and what changed.
fresh
expect 6 - env TALLY_PLANT=reload_sign "$planted" reduce "$finding"
holds "gone" 'no longer' out
is "nothing is left" [ ! -e "$finding/reduced.clif" ]
expect 0 - "$planted" reduce --backend interp,jit:none:native "$finding/case.clif"
holds "agreement" 'agree' out

expect 2 'which finding' "$tally" reduce
expect 2 'error: No such file' "$tally" reduce nothing
expect 2 'between 1 and' "$tally" reduce --max-tries 0 whole.clif
expect 2 'between 1 and' "$tally" reduce --jobs 0 whole.clif

finish
