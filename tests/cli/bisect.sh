#!/bin/sh
# What `tally bisect` says of findings, and how it ends.
#
#   tests/cli/bisect.sh BUILD
set -eu

build=$(cd "$1" && pwd)
. "$(dirname "$0")/counts.sh"
tree=$(pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
planted=$build/tally_planted
list=interp,jit:none:native,jit:none:native:planted
export TALLY_PLANT=load_over_store

cd "$dir"
explain() { echo "exit status $status" && head -c 1000 out err; }
run() { "$@" > out 2> err < /dev/null && status=0 || status=$?; }
says() { grep -q -e "$1" out; }

run "$planted" fuzz --backend $list --stop --executions 20000 --findings findings
finding=$(echo findings/*)
check "there is a finding" [ -e "$finding/finding.json" ]

# ---- a rewrite of IR
run "$planted" bisect "$finding"
check "it shows" [ $status = 1 ]
check "the pass" says '^pass:     legalise, as the interpreter says of the IR'
check "the rewrite" says '^rewrite:  [1-9][0-9]* of [1-9][0-9]*, hook_legalise: '
check "its instruction" says '^of:       %f[0-9]*: v[0-9]* = '
check "the words that it takes" says '^needs:    planted$'

run "$planted" bisect --json "$finding"
check "it shows as JSON" [ $status = 1 ]
check "one line" [ "$(wc -l < out)" = 1 ]
check "the pass as JSON" says '"pass": *"legalise"'

# ---- what is reduced takes the place of the case, unless it is not wanted
printf 'not CLIF\n' > "$finding/reduced.clif"
run "$planted" bisect "$finding"
check "reduced.clif is read" [ $status = 2 ]
run "$planted" bisect --whole "$finding"
check "the case as found" [ $status = 1 ]
printf 'function %%f() -> i8 {\nblock0:\n    v0 = iconst.i8 1\n    return v0\n}\n; print: %%f()\n' \
    > "$finding/reduced.clif"
run "$planted" bisect "$finding"
check "what shows nothing" [ $status = 6 ]

# ---- another fault, then none
export TALLY_PLANT=undefined/1000000
run "$planted" bisect --whole "$finding"
check "it no longer shows" [ $status = 6 ]
check "it says so" says '^no longer shows'

# ---- a rewrite of machine code
export TALLY_PLANT=reload_sign
run "$planted" fuzz --backend $list --stop --executions 20000 --findings others
run "$planted" bisect others/*
check "the pass of machine code" says '^pass:     allocate$'
check "the rewrite of machine code" says '^rewrite:  [1-9][0-9]* of [1-9][0-9]*, hook_allocate: '

# ---- usage
run "$planted" bisect
check "nothing is named" [ $status = 2 ]
run "$planted" bisect nowhere
check "nothing is there" [ $status = 2 ]

# ---- versions, where they are built
if [ -e "$build/backends/cranelift-0.97.1.so" ] && [ -e "$build/backends/cranelift-0.97.2.so" ]; then
    run "$build/tally" bisect --backend interp,cranelift-0.97.1:none:has_avx512vl=false \
        "$tree/corpus/history/vector_shift.clif"
    check "a version has it" says '^.* 0\.97\.1: results$'
    check "the next has not" says '^.* 0\.97\.2.*: right$'
fi
finish
