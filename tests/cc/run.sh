#!/bin/sh
# C compilers as back ends: run tests in several configurations, and a short campaign without a
# finding.
#
#   tests/cc/run.sh BUILD
set -eu

build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. tests/cli/counts.sh
explain() { tail -n 20 "$dir/out"; }

# What is undefined in C is no test: slots that must lie side by side.
files=$(ls corpus/regressions/*.clif | grep -v slots-side-by-side)

all_pass() { # CONFIGURATION
    "$build/tally" test --backend "$1" tests/clif/run tests/clif/differences $files > "$dir/out" 2>&1
}
for config in cc:O1 cc:O3:native:pointers cc:cc=clang:O2:typed cc:cc=clang:O0:arrays \
              tcc tcc:typed:pointers; do
    check "$config passes the run tests" all_pass $config
done

# Each takes every case, and none stands against the others.
campaign() { # EXECUTIONS CONFIGURATIONS
    "$build/tally" fuzz --every 1 --executions "$1" --backend "interp,jit:none:native,$2" \
        --findings "$dir/findings" > "$dir/out" 2>&1
}
took_all() { [ "$(grep -o "took $1 of $1" "$dir/out" | wc -l)" = "$2" ]; }
check "tcc finds nothing" campaign 3000 tcc
check "tcc takes everything" took_all 3000 1
check "gcc and clang find nothing" campaign 64 cc:O0,cc:O2,cc:cc=clang:O0,cc:cc=clang:O2:native
check "gcc and clang take everything" took_all 64 4

# gcc's own checks find nothing undefined: they would end a run by SIGILL.
undefined=flags=-fsanitize=undefined+-fsanitize=float-cast-overflow+-fsanitize-undefined-trap-on-error
check "nothing is undefined" campaign 64 cc:O1:$undefined,cc:O1:typed:pointers:$undefined
finish
