#!/bin/sh
# The fuzz programs from outside: first line, counts line, exit statuses, and how a finding shows.
#
#   tests/cli/fuzz_programs.sh BUILD
set -eu

build=$(cd "$1" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. "$(dirname "$0")/counts.sh"

explain() { echo "exit status $status" && tail -n 5 "$dir/out"; }
said() { grep -aq -- "$1" "$dir/out"; }
run() { "$@" > "$dir/out" 2>&1 && status=0 || status=$?; }

quiet() { # PROGRAM
    run "$1" -runs=1000 -seed=1 -artifact_prefix="$dir/"
    check "$1: no finding" [ "$status" = 0 ]
    check "$1: first line" said '^tally [0-9.]*, commit .*, format [0-9]*, options: .* configurations: interp '
    check "$1: counts line" said '^executions [1-9][0-9]*, inputs 1[0-9][0-9][0-9], runs [1-9]'
    run "$1" -max_total_time=1 -artifact_prefix="$dir/"
    check "$1: counts line after a time" said '^executions [1-9]'
    run env TALLY_OPTIONS=nonsense "$1" -runs=1
    check "$1: bad options" [ "$status" = 2 ]
    "$1" > "$dir/out" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null && ! said INITED; do sleep 0.1; done
    kill -INT "$pid"
    wait "$pid" && status=0 || status=$?
    check "$1: stopped by SIGINT" [ "$status" = 130 ]
    check "$1: counts line when stopped" said '^executions [1-9]'
}

# The two functions that a signature leads through, as the stack trace shows them.
frames() { grep -ao ' in x[a-z]\{16\} ' "$dir/out" | head -n 2 | tr -d '\n'; }

finding() { # PROGRAM MISDEED ASAN_OPTIONS
    what="$1, $2, ASAN_OPTIONS=$3"
    run env TALLY_PLANT="$2" ASAN_OPTIONS="$3" UBSAN_OPTIONS="$3" \
        TALLY_OPTIONS="backend=interp,jit:none:sse2,jit:none:sse2:planted limit=20 findings=$dir/findings" \
        "$1" -runs=5000 -seed=1 -artifact_prefix="$dir/"
    check "$what: exit status 77" [ "$status" = 77 ]
    check "$what: a finding" said '^finding: '
    check "$what: saved" said "^saved: $dir/findings/"
    check "$what: what to do next" said "^look at it: TALLY_PLANT=$2 $build/.* repro $dir/findings/"
    check "$what: counts line" said '^executions [1-9].* findings 1,'
    check "$what: assertion" said "Assertion .* failed"
    check "$what: frames" [ "$(frames | wc -w)" = 4 ]
}

# Who finds something without `findings=` is told how to see it, and does.
unsaved() { # PROGRAM
    what="$1, nothing saved"
    options="backend=interp,jit:none:sse2,jit:none:sse2:planted limit=20"
    run env TALLY_PLANT=undefined/8 TALLY_OPTIONS="$options" "$1" -runs=5000 -seed=1 \
        -artifact_prefix="$dir/artifact-"
    check "$what: exit status 77" [ "$status" = 77 ]
    again=$(sed -n 's/^    \(TALLY_OPTIONS=.*\) FILE$/\1/p' "$dir/out")
    run env TALLY_PLANT=undefined/8 sh -c "cd $dir && $again artifact-*"
    check "$what: the command that is shown saves it" said '^saved: findings/'
}

afl() {
    mkdir "$dir/in" "$dir/corpus"
    echo 1 > "$dir/in/one"
    run env AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
        AFL_HANG_TMOUT=60000 afl-fuzz -t 60000 -E 3000 -M main -F "$dir/corpus" -i "$dir/in" \
        -o "$dir/afl" -- "$build/tally_afl"
    check "afl: runs" [ "$status" = 0 ]
    run cat "$dir/afl/main/fuzzer_stats"
    check "afl: executions" said '^execs_done *: [1-9][0-9][0-9][0-9]'
    check "afl: no crash" said '^saved_crashes *: 0'
    check "afl: no hang" said '^saved_hangs *: 0'
    run "$build/tally_fuzzer" -merge=1 "$dir/corpus" "$dir/afl/main/queue"
    check "afl: libFuzzer takes its corpus" [ "$status" = 0 ]
    check "afl: and keeps what is new" [ -n "$(ls "$dir/corpus")" ]
}

quiet "$build/tally_fuzzer"
quiet "$build/asan/tally_fuzzer"
for program in "$build/tally_planted_fuzzer" "$build/asan/tally_planted_fuzzer"; do
    for options in "" handle_segv=1:handle_sigill=1:handle_abort=1; do
        finding "$program" undefined/8 "$options"
        cp "$dir/out" "$dir/first"
        finding "$program" endless_loop/8 "$options"
        cp "$dir/out" "$dir/second"
        run "$build/same_crash" "$dir/first" "$dir/second"
        check "$program: a collector keeps two signatures apart" [ "$status" = 1 ]
        check "$program: by their functions" [ "$(grep -cx 'x[a-z]\{16\}' "$dir/out")" = 4 ]
        run "$build/same_crash" "$dir/first" "$dir/first"
        check "$program: and takes one for one" [ "$status" = 0 ]
    done
done
unsaved "$build/tally_planted_fuzzer"
afl
finish
