#!/bin/sh
# Misdeeds of generated code (misdeeds.def) are outcomes of the configuration that commits them:
# the right kind, on the right case, and the campaign goes on.
#
#   BUILD=build tests/faults/misdeeds.sh          tally_planted and tally_planted_fuzzer of a build
set -u

BUILD=${BUILD:-build}
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
. "$(dirname "$0")/../cli/counts.sh"

list=interp,jit:none:sse2,jit:none:sse2:planted
odd=jit:none:sse2:planted

explain() { head -c 3000 "$folder/out"; }

run() { # TALLY_PLANT COMMAND... : output in $folder/out, status in $status
    plant=$1
    shift
    TALLY_PLANT=$plant TALLY_OPTIONS="backend=$list limit=10 findings=$folder/findings" "$@" \
        >"$folder/out" 2>&1 </dev/null && status=0 || status=$?
}

unsaid() { ! said "$1"; }
said() { grep -q -- "$1" "$folder/out"; }
saved() { ls -d "$folder"/findings/*-"$1"-* >/dev/null 2>&1; }
forget() { rm -rf "$folder/findings"; }

# Three files, of which one has a victim: it alone is a finding, by the planted configuration.
one_case() { # MISDEED KIND
    run "$1" "$BUILD/tally_planted" run --json --backend "$list" \
        "$here/misdeeds/before.clif" "$here/misdeeds/victim.clif" "$here/misdeeds/after.clif"
    check "$1: run ends with 1" [ "$status" = 1 ]
    check "$1: $2 of the victim" said "victim.clif\",\"kind\":\"$2\",.*\"odd\":\"$odd\""
    check "$1: before agrees" said 'before.clif","kind":"agree"'
    check "$1: after agrees" said 'after.clif","kind":"agree"'
}

campaign() { # MISDEED KIND
    forget
    run "$1/8" "$BUILD/tally_planted" fuzz --seed 1 --executions 64
    check "$1: fuzz ends with 1" [ "$status" = 1 ]
    check "$1: fuzz goes on" said '^executions 6[0-9],'
    check "$1: fuzz saves a $2" saved "$2"
}

fuzzer() { # MISDEED KIND
    [ -x "$BUILD/tally_planted_fuzzer" ] || return 0
    forget
    run "$1/8" "$BUILD/tally_planted_fuzzer" -seed=1 -runs=20000 -artifact_prefix="$folder/"
    check "$1: the fuzzer ends with 77" [ "$status" = 77 ]
    check "$1: the fuzzer saves a $2" saved "$2"
}

fork() { # MISDEED
    [ -x "$BUILD/tally_planted_fuzzer" ] || return 0
    run "$1/8" "$BUILD/tally_planted_fuzzer" -fork=1 -ignore_crashes=1 -runs=3000 -seed=1 \
        -artifact_prefix="$folder/" "$folder"
    check "$1: the fuzzer with -fork goes on" said 'fuzzed for [0-9]* iterations'
    check "$1: and does not count what its children ran as nothing" unsaid '^executions 0,'
}

# A null dereference of the oracle is our own bug, whoever calls.
our_own() {
    forget
    list=interp,jit:none:sse2
    run null_in_oracle "$BUILD/tally_planted" run --backend "$list" "$here/misdeeds/before.clif"
    check "null in the oracle: run ends with 4" [ "$status" = 4 ]
    run null_in_oracle "$BUILD/tally_planted" fuzz --seed 1 --executions 10
    check "null in the oracle: fuzz ends with 4" [ "$status" = 4 ]
    if [ -x "$BUILD/tally_planted_fuzzer" ]; then
        run null_in_oracle "$BUILD/tally_planted_fuzzer" -runs=10 -artifact_prefix="$folder/"
        check "null in the oracle: the fuzzer ends with 4" [ "$status" = 4 ]
    fi
    check "null in the oracle: no finding" [ ! -e "$folder/findings" ]
}

sed -n 's/^MISDEED( *\([a-z_]*\), *[a-z]*, *\([a-z]*\),.*/\1 \2/p' "$here/misdeeds.def" \
    >"$folder/list"
while read -r name outcome; do
    case $outcome in
    hung) kind=hang ;;
    crashed) kind=crash ;;
    *) kind=$outcome ;;
    esac
    one_case "$name" "$kind"
    campaign "$name" "$kind"
    fuzzer "$name" "$kind"
done <"$folder/list"
fork undefined
our_own

finish
