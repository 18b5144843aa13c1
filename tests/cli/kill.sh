#!/bin/sh
# A campaign killed with SIGKILL at many moments leaves findings and a corpus that the next one uses.
#
#   tests/cli/kill.sh BUILD MOMENTS
set -eu

build=$1
moments=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0
export TALLY_PLANT=undefined/8 TALLY_OPTIONS="backend=interp,jit:none:sse2:planted limit=20"

check() { # TEXT COMMAND...
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "WRONG: $what"
    fi
}

run_and_kill() { # SECONDS COMMAND...
    moment=$1
    shift
    "$@" > /dev/null 2>&1 &
    pid=$!
    sleep "$moment"
    kill -KILL "$pid"
    wait "$pid" || true
}

whole() { # every finding has all its files and shows again
    for folder in "$dir"/findings/*/; do
        [ -d "$folder" ] || continue
        for file in input case.clif finding.json README; do [ -s "$folder/$file" ] || return 1; done
        "$build/tally_planted" repro --quiet "$folder" > "$dir/out" 2>&1 && return 1
        [ $? = 1 ] || return 1
    done
}

mkdir "$dir/corpus" "$dir/findings"
for k in $(seq "$moments"); do
    moment=0.$(printf %03d $((k * 37 % 400)))
    run_and_kill "$moment" "$build/tally_planted" fuzz --seed "$((k * 1000))" --executions 1000000 \
        --findings "$dir/findings"
    check "findings are whole after $moment s" whole
    run_and_kill "$moment" env -u TALLY_OPTIONS "$build/tally_fuzzer" "$dir/corpus"
done

check "something was found" [ -n "$(ls "$dir/findings")" ]
check "the corpus grew" [ -n "$(ls "$dir/corpus")" ]
before=$(ls "$dir/findings")
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
inputs=$(ls "$dir/corpus" | wc -l)
env -u TALLY_OPTIONS "$build/tally_fuzzer" -runs=1000 "$dir/corpus" > "$dir/out" 2>&1 && status=0 || status=$?
check "the next libFuzzer run uses the corpus" [ "$status" = 0 ]
check "all of it" grep -q " $inputs files found in" "$dir/out"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
