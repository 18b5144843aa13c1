#!/bin/sh
# A campaign killed with SIGKILL at many moments leaves findings and a corpus that the next one uses.
#
#   tests/cli/kill.sh BUILD MOMENTS        as many campaigns by `tally fuzz` and by libFuzzer
set -eu

build=$1
moments=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. "$(dirname "$0")/counts.sh"
export TALLY_PLANT=undefined/8 TALLY_OPTIONS="backend=interp,jit:none:sse2:planted limit=20"

run_and_kill() { # CONDITION COMMAND...: kills when the condition is met
    condition=$1
    shift
    "$@" > /dev/null 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null && ! $condition; do sleep 0.01; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}
findings() { ls "$dir/findings"; }
something_found() { [ -n "$(findings)" ]; }
something_kept() { [ -n "$(ls "$dir/corpus")" ]; }

whole() { # every finding has all its files and shows again
    for folder in "$dir"/findings/*/; do
        [ -d "$folder" ] || continue
        for file in input case.clif finding.json README; do [ -s "$folder/$file" ] || return 1; done
        "$build/tally_planted" repro --quiet "$folder" > "$dir/out" 2>&1 && return 1
        [ $? = 1 ] || return 1
    done
}

campaign() { # CONDITION SEED
    run_and_kill "$1" "$build/tally_planted" fuzz --seed "$2" --executions 1000000 \
        --findings "$dir/findings"
    check "findings are whole: $1" whole
}
fuzzer() { run_and_kill "$1" env -u TALLY_OPTIONS "$build/tally_fuzzer" "$dir/corpus"; } # CONDITION

# As soon as there is something, then at moments that the clock chooses.
mkdir "$dir/corpus" "$dir/findings"
campaign something_found 0
fuzzer something_kept
for k in $(seq "$moments"); do
    moment="sleep 0.$(printf %03d $((k * 37 % 400)))"
    campaign "$moment" "$((k * 1000))"
    fuzzer "$moment"
done

check "something was found" something_found
check "the corpus grew" something_kept
before=$(findings)
mkdir "$dir/findings/.new-killed"
touch "$dir/findings/.new-killed/case.clif.abcdef"
"$build/tally_planted" fuzz --seed 1000 --executions 3000 --findings "$dir/findings" > "$dir/out" &&
    status=0 || status=$?
check "the next campaign finds" [ "$status" = 1 ]
check "and ends with its counts" grep -q '^executions [0-9]' "$dir/out"
check "and keeps what was found" [ -z "$(echo "$before" | while read -r f; do
    [ -d "$dir/findings/$f" ] || echo "$f"; done)" ]
check "findings are whole at the end" whole
check "nothing unfinished is left" [ -z "$(find "$dir/findings" -mindepth 1 -maxdepth 1 -name '.*')" ]
inputs=$(find "$dir/corpus" -type f -size +0 | wc -l) # libFuzzer leaves a file empty when it is killed
env -u TALLY_OPTIONS "$build/tally_fuzzer" -runs=1000 "$dir/corpus" > "$dir/out" 2>&1 && status=0 || status=$?
check "the next libFuzzer run uses the corpus" [ "$status" = 0 ]
check "all of it" grep -q " $inputs files found in" "$dir/out"
finish
