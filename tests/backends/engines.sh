#!/bin/sh
# Loaded back ends under the fuzz programs: they judge, what they do is a finding of the engine's,
# and nothing of their workers stays.
#
#   tests/backends/engines.sh BUILD
set -eu

build=$(cd "$1" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
. tests/cli/counts.sh
. tests/backends/page.sh

block c > "$folder/example.c"
library "$folder/example.so" "$folder/example.c"
library "$folder/liar.so" tests/backends/bad.c -I tests/backends -DLIES=1 \
    -DEXAMPLE="\"$folder/example.c\""
library "$folder/bad.so" tests/backends/bad.c -I tests/backends -DEXAMPLE="\"$folder/example.c\""
cd "$folder"
export TMPDIR=$folder/tmp
mkdir tmp in
echo 1 > in/one

explain() { echo "exit status $status" && tail -n 8 out; }
said() { grep -aq -- "$1" out; }
backend() { export TALLY_OPTIONS="backend=interp,jit:none:native,$folder/$1 every=1 findings=found"; }
run() { "$@" > out 2>&1 < /dev/null && status=0 || status=$?; }

libfuzzer() { # PROGRAM
    backend example.so
    run "$1" -runs=500 -seed=1 -artifact_prefix=ok-
    check "$1: no finding" [ "$status" = 0 ]
    check "$1: the back end was asked" said '^executions .* example took [0-9]* of [1-9]'
    check "$1: nothing stays" gone
    backend liar.so:every=1
    run "$1" -runs=500 -seed=1 -artifact_prefix=ok-
    check "$1: a lie is told at the end" said '^tally: .*liar.so:every=1: it refuses what it said'

    rm -rf found artifact-*
    backend bad.so:do=exits_3:every=16
    run "$1" -runs=5000 -seed=1 -artifact_prefix=artifact-
    check "$1: a finding" [ "$status" = 77 ]
    check "$1: says what the compiler said" \
        said '^finding: .*bad:do=exits_3:every=16 (6.6): .* (exit with status 3: no licence)'
    check "$1: saves it" [ "$(ls found)" = bad_do_exits_3_every_16-died-exit_with_status_no_licence ]
    check "$1: only the engine writes an artifact, for the input" [ "$(ls artifact-* | wc -l)" = 1 ]
    check "$1: nothing stays after a finding" gone

    mkdir -p corpus
    run "$1" -fork=1 -ignore_crashes=1 -runs=2000 -seed=1 -artifact_prefix=fork- corpus
    check "$1: with -fork it goes on" said 'fuzzed for [0-9]* iterations'
    check "$1: nothing stays after -fork" gone
}

afl() { # WORD-OF-CRASHES
    run env AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
        AFL_HANG_TMOUT=60000 afl-fuzz -s 1 -t 60000 -E 2000 -i in -o afl -- "$build/tally_afl"
    check "afl: runs" [ "$status" = 0 ]
    run cat afl/default/fuzzer_stats
    check "afl: executions" said '^execs_done *: [1-9][0-9][0-9]'
    check "afl: crashes" said "^saved_crashes *: $1"
    while processes; do sleep 0.05; done
    rm -rf afl
}

libfuzzer "$build/tally_fuzzer"
libfuzzer "$build/asan/tally_fuzzer"
backend example.so
afl 0
backend bad.so:do=fails:every=3
afl '[1-9]'

# afl-fuzz kills its processes: what they leave goes when the next worker starts.
check "what AFL leaves goes" eval 'run "$build/tally_fuzzer" -runs=1 && gone'
finish
