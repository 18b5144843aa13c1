#!/bin/sh
# Prints the benchmark: the loop bare, its stages, then the same under libFuzzer. Lines are
# `name value unit`. BUILD is the build folder, CASES how many cases are measured.
set -eu
BUILD=${BUILD:-build}
CASES=${CASES:-20000}

"$BUILD/tally_bench" "$CASES"

# Executions a second of a libFuzzer program: its counts line against its run time.
under_libfuzzer() {
    program=$1 name=$2
    corpus=$(mktemp -d)
    start=$(date +%s.%N)
    "$program" -runs="$CASES" -seed=1 -max_len=4096 "$corpus" > "$corpus.log" 2>&1
    end=$(date +%s.%N)
    awk -v name="$name" -v seconds="$(echo "$start $end" | awk '{ print $2 - $1 }')" '
        /^executions / { gsub(",", "", $2); executions = $2 }
        END { printf "libfuzzer/%s %.0f executions/s\n", name, executions / seconds }' "$corpus.log"
    rm -rf "$corpus" "$corpus.log"
}
under_libfuzzer "$BUILD/tally_fuzzer" counters
under_libfuzzer "$BUILD/asan/tally_fuzzer" counters+asan
