#!/bin/sh
# The command as people and other programs meet it: every exit status, wrong usage, `-`, JSON, what
# a finding's folder holds, and what `repro` makes of it on other machines.
#
#   tests/cli/commands.sh BUILD
set -eu

build=$(cd "$1" && pwd)
tree=$(pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

tally=$build/tally
planted=$build/tally_planted
list=interp,jit:none:sse2,jit:none:sse2:planted

wrong() {
    failed=$((failed + 1))
    echo "WRONG: $*"
    head -c 1000 "$dir/out"
    head -c 1000 "$dir/err"
}

# expect STATUS PATTERN COMMAND...: exit status, and a line of stdout or stderr
expect() {
    want=$1 pattern=$2
    shift 2
    "$@" > "$dir/out" 2> "$dir/err" < "${input:-/dev/null}" && status=0 || status=$?
    if [ "$status" != "$want" ]; then
        wrong "exit status $status, not $want: $*"
    elif ! cat "$dir/out" "$dir/err" | grep -qE -e "$pattern"; then
        wrong "nothing like /$pattern/: $*"
    else
        passed=$((passed + 1))
    fi
}

# json STATUS KEYS COMMAND...: every line of stdout is an object, the keys are there
json() {
    want=$1 keys=$2
    shift 2
    expect "$want" . "$@"
    if "$build/json_lines" $keys < "$dir/out" > "$dir/why"; then
        passed=$((passed + 1))
    else
        wrong "$(cat "$dir/why"): $*"
    fi
}

cd "$dir"
"$tally" gen --seed 1 > good.clif
cp "$tree/tests/faults/misdeeds/victim.clif" victim.clif
# A contract that nobody has to keep, since the file does not claim discipline.
cat > unkept.clif <<'CLIF'
function %victim(i32) -> i32 {
    sig0 = (i64, i32) -> i32
    fn0 = %callee sig0
block0(v0: i32):
    v1 = iconst.i64 0
    v2 = call fn0(v1, v0)
    return v2
}
; print: %victim(3)
function %callee(i64, i32) -> i32 {
block0(v0: i64, v1: i32):
    return v1
}
; address: %callee 0 range=0..16, align=8, init=all
CLIF
cat > quad.clif <<'CLIF'
function %f(f128) {
block0(v0: f128):
    return
}
CLIF
cat > double.clif <<'CLIF'
function %f(i32) -> i32 {
block0(v0: i32):
    v1 = iadd v0, v0
    return v1
}
CLIF
(cat double.clif && echo '; run: %f(2) == 4') > right.clif
(cat double.clif && echo '; run: %f(2) == 5') > false.clif
cat > foreign.clif <<'CLIF'
function %f(f16) -> f16 {
block0(v0: f16):
    v1 = fadd v0, v0
    return v1
}
; run: %f(0x1.0p1) == 0x1.0p2
CLIF
echo 'function %f(' > broken.clif

usage() {
    for command in gen run test repro explain show fuzz backends; do
        expect 2 "^tally $command: .*nonsense" "$tally" "$command" --nonsense
        expect 2 "^Try .tally $command --help" "$tally" "$command" --nonsense
        expect 0 "^Usage: tally $command" "$tally" "$command" --help
    done
    for command in run test repro explain show; do
        expect 2 "^tally $command: which " "$tally" "$command"
        expect 2 "^missing.clif: error: No such file" "$tally" "$command" missing.clif
        expect 2 "^broken.clif:[12]:[0-9]+: error: " "$tally" "$command" broken.clif
        expect 2 "no back end is called .nobody" "$tally" "$command" --backend nobody good.clif
        expect 2 "has no option .nothing" "$tally" "$command" --backend jit:nothing good.clif
    done
    expect 2 'there is no command .nonsense' "$tally" nonsense
    expect 2 '^usage: tally COMMAND' "$tally"
    expect 0 '^usage: tally COMMAND' "$tally" --help
    expect 0 '^tally [0-9.]+ ' "$tally" --version
    expect 2 'not understood' "$tally" fuzz good.clif
    expect 2 'takes a number, not .many' "$tally" fuzz --executions many
    expect 2 'unknown family' "$tally" fuzz --off nonsense
    expect 2 'TALLY_OPTIONS: unknown option .nonsense' env TALLY_OPTIONS=nonsense "$tally" fuzz
    expect 2 "no back end is called .nosuch." "$tally" backends nosuch
    expect 2 'one finding at a time' "$tally" repro good.clif good.clif
    expect 2 'json goes with --stats' "$tally" show --json good.clif
    expect 2 'no machine code' "$tally" show --code --backend interp good.clif
    expect 2 'no machine code' "$tally" show --stats 1 --backend interp
    expect 2 'a version of Cranelift from 0.91 on' "$tally" show --dialect 0.90 good.clif
    expect 2 'a version of Cranelift from 0.91 on' "$tally" gen --dialect clif
}

statuses() {
    expect 0 '^good.clif: agree' "$tally" run good.clif
    expect 0 '^3 passed, 0 failed, 0 skipped' "$tally" test right.clif
    expect 0 '^does not show: ' "$tally" repro good.clif
    expect 0 '^executions 10, ' "$tally" fuzz --executions 10
    expect 1 '^false.clif:6: interp: failed: ' "$tally" test false.clif
    export TALLY_PLANT=undefined
    expect 1 '^victim.clif: finding: crash: run 1' "$planted" run --backend $list victim.clif
    expect 1 '^unkept.clif: finding: crash: run 1' "$planted" run --backend $list unkept.clif
    expect 1 '^shows, in 3 of 3 fresh processes too' "$planted" repro --backend $list victim.clif
    expect 1 'findings 1, bytes' env TALLY_PLANT=undefined/3 "$planted" fuzz --stop --backend $list
    expect 4 'our own bug' env TALLY_PLANT=null_in_oracle "$planted" run victim.clif
    unset TALLY_PLANT
    for command in "gen --seed 1" "run good.clif" "show good.clif" backends --help; do
        expect 3 'standard output: No space left' sh -c "$tally $command > /dev/full"
    done
    expect 5 'unjudged: .* refused: ' "$tally" run foreign.clif
    expect 5 'there is no run line' "$tally" run double.clif
    awk 'BEGIN { printf "function %%f(i64) -> i64"; for (k = 1; k < 65; k++) printf ", i64"
        printf " {\nblock0(v0: i64):\n    return v0"; for (k = 1; k < 65; k++) printf ", v0"
        print "\n}\n; print: %f(1)" }' > results.clif
    expect 5 'more than 64 arguments or results' "$tally" run results.clif
    expect 5 '^0 passed, 0 failed, 0 skipped' "$tally" test double.clif
    expect 5 '^does not show: .* refused' "$tally" repro foreign.clif
    expect 5 '^executions 10, .* runs 0,' "$tally" fuzz --executions 10 --backend interp
    expect 5 'refused by jit' "$tally" show --code foreign.clif
    expect 5 'no type f128 before 0.110' "$tally" show --dialect 0.91.1 quad.clif
    expect 0 'f128' "$tally" show --dialect 0.110 quad.clif
    expect 0 'brnz v' "$tally" gen --seed 1 --dialect 0.92
    expect 1 ' finding: ' env TALLY_PLANT=undefined "$planted" run --backend $list \
        good.clif foreign.clif victim.clif
    expect 2 '^good.clif: agree' "$tally" run good.clif broken.clif foreign.clif
}

# atomic HEADER: what no configuration can run that is without cmpxchg16b
atomic() {
    printf "$1"
    cat <<'CLIF'
function %swap(i64, i128) -> i128 system_v {
block0(v0: i64, v1: i128):
    v2 = atomic_rmw.i128 xchg v0, v1
    return v2
}
; heap: <heap0> size=16, align=16
; print: %swap(<heap0>, 3)
CLIF
}

skips() { # REASON HEADER
    atomic "$2" > atomic.clif
    expect 5 "^ *1 skipped: $1\$" "$tally" test --skips --backend jit:none:sse2 atomic.clif
}

# Where the file is not meant for a configuration, that is the reason.
skipped() {
    skips 'atomic_rmw.i128: no rule for it with these CPU features' ''
    skips 'atomic_rmw.i128: no rule for it with these CPU features' 'test run\ntarget x86_64\n'
    skips 'CPU lacks has_cmpxchg16b' 'target aarch64\ntarget x86_64 has_cmpxchg16b\n'
    skips 'CPU lacks has_avx' 'target x86_64 has_avx\ntarget x86_64 sse42\n'
    skips 'atomic_rmw.i128: .*' 'target x86_64 sse42\ntarget x86_64 has_avx=false\n'
    skips 'its `test` commands run nothing' 'test interpret\ntest compile\ntarget x86_64\n'
    skips 'other architecture only' 'test interpret\ntarget aarch64 has_lse\ntarget s390x\n'
}

stopped() { # SIGNAL STATUS
    "$tally" fuzz --time 100 > out 2> err &
    pid=$!
    catches_sigterm='SigCgt:.*[4-7c-f]...$'
    while [ -d /proc/$pid ] && ! grep -q "$catches_sigterm" /proc/$pid/status; do sleep 0.01; done
    kill "-$1" $pid
    wait $pid && status=0 || status=$?
    if [ "$status" = "$2" ] && grep -q '^executions [0-9]' out; then
        passed=$((passed + 1))
    else
        wrong "stopped by $1: exit status $status"
    fi
}

standard_input() {
    input=good.clif
    expect 0 '^-: agree' "$tally" run -
    expect 0 '^does not show' "$tally" repro -
    expect 0 '^function %f0' "$tally" show -
    input=right.clif expect 0 '^3 passed' "$tally" test -
    input=broken.clif expect 2 '^<stdin>:[12]:[0-9]+: error: ' "$tally" run -
    input=
}

machine_readable() {
    json 0 "file kind finding text" "$tally" run --json good.clif right.clif
    json 0 "counts" "$tally" run --json --counts good.clif
    json 2 "file kind" "$tally" run --json missing.clif good.clif
    json 1 "event file line configuration text passed failed skipped corrected skipped_by" \
        "$tally" test --json false.clif right.clif foreign.clif
    json 0 "path kind shows said notes" "$tally" repro --json good.clif
    json 0 "name meaning options default cpu_features" "$tally" backends --json
    json 0 "kind name detail count short interp_only cases demand cells empty" "$tally" gen --census 10 --json
    json 0 "cases ir_instructions spill_loads" "$tally" show --stats 10 --json
    json 0 "event seconds version configurations seed status counts" \
        "$tally" fuzz --json --executions 10
    export TALLY_PLANT=undefined
    json 1 "file odd other ballots difference signature run" \
        "$planted" run --json --backend $list victim.clif
    json 1 "path odd ballots shown_in_fresh fresh_processes" \
        "$planted" repro --json --backend $list victim.clif
    json 1 "event signature flaky folder reproduce verdict" \
        env TALLY_PLANT=undefined/3 "$planted" fuzz --json --stop --backend $list --findings events
    unset TALLY_PLANT
}

# A folder says everything, and its own command shows it again.
saved() {
    export TALLY_PLANT=undefined/3
    expect 1 '^  saved; look at it: TALLY_PLANT=undefined/3 .*/tally_planted repro ' \
        "$planted" fuzz --stop --seed 5 --backend $list --findings "my findings"
    folder=$(echo "my findings"/*)
    (tr -d '\n' < "$folder/finding.json" && echo) > one.json
    json 0 "signature reproduce version commit build format engine seed options configurations
        verdict module_hash case_hash" cat one.json
    for text in '"compiler": "(gcc|clang) ' '"sanitizers": "' '"flags": "-O' '"engine": "tally"' \
        '"seed": [0-9]+' '"options": "backend=' '"name": "jit:none:sse2:planted"' \
        '"cpu_features": ""' '"odd": "jit:none:sse2:planted"' '"configuration": "interp"'; do
        expect 0 "$text" cat "$folder/finding.json"
    done
    unset TALLY_PLANT
    command=$(sed -n 's/^    \(TALLY_PLANT=.*\)/\1/p' "$folder/README")
    expect 1 '^shows, in 3 of 3' sh -c "$command"
    expect 1 '<-- stands alone' sh -c "$command --brief"
    expect 1 '^the case:' sh -c "$command --small"
    sed '1,/^the case:/d; /^machine code of/,$d' out > small.clif
    expect 0 '^; discipline: addresses' cat small.clif
    expect 1 '^small.clif: finding: crash: .*jit:none:sse2:planted: ' \
        env TALLY_PLANT=undefined/3 "$planted" run --backend $list small.clif
    mv "$folder" moved
    expect 1 '^shows, in 3 of 3' env TALLY_PLANT=undefined/3 "$planted" repro --quiet moved
    expect 6 '^shows something else: it was crash in jit' \
        env TALLY_PLANT=saved_register/3 "$planted" repro --quiet moved
    expect 6 '^no longer shows: all configurations agree' \
        env TALLY_PLANT=undefined/1000000007 "$planted" repro --quiet moved
}

# Another build, another machine.
elsewhere() {
    export TALLY_PLANT=undefined/3
    sed -i 's/"format": [0-9]*/"format": 1000/' moved/finding.json
    expect 1 '^shows, in 3 of 3' "$planted" repro --quiet moved
    head -c 20 /dev/zero > moved/input
    expect 1 '^note: .input. is of format 1000, .*case.clif is used' "$planted" repro --quiet moved
    sed -i 's/"cpu_features": ""/"cpu_features": "has_sse3"/' moved/finding.json
    expect 1 '^note: this CPU lacks has_sse3' env TALLY_CPU=sse2 "$planted" repro --quiet moved
    sed -i 's/has_sse3/has_nonsense/' moved/finding.json
    expect 1 '^note: this build does not know' "$planted" repro --quiet moved
    expect 5 '^no longer shows' env TALLY_PLANT=undefined/1000000007 "$planted" repro --quiet moved
    rm moved/case.clif
    expect 2 'moved/case.clif: error: No such file' "$planted" repro --quiet moved
    echo '{}' > moved/finding.json
    expect 2 'finding.json: error: signature, verdict' "$planted" repro moved
    echo '{' > moved/finding.json
    expect 2 '^moved/finding.json:[0-9]+:[0-9]+: error: ' "$planted" repro moved
    unset TALLY_PLANT
    expect 2 '^tally: the JIT has no option .planted' "$tally" repro events/*
}

# A configuration that this CPU cannot run takes no part, and says so.
lacking() {
    export TALLY_PLANT=undefined
    expect 1 '^ *jit:none:avx2 +refused \(this CPU lacks ' env TALLY_CPU=sse2 \
        "$planted" repro --brief --backend $list,jit:none:avx2 victim.clif
    unset TALLY_PLANT
}

# Where a fault is told, and the address by the heap that it misses.
faults() {
    cat > end.clif <<'CLIF'
function %f(i64, i8) -> i64 {
block0(v0: i64, v1: i8):
    v2 = sextend.i64 v1
    v3 = iadd v0, v2
    v4 = load.i64 notrap v3-8
    return v4
}
; heap: <heap0> size=16, align=8, place=end
; print: %f(<heap0>+16, -8)
CLIF
    for line in '^0x[0-9a-f]+ is <heap0>.256, and <heap0> has 16 bytes' 'SIGSEGV at code.0x' \
        '^ +[0-9a-f]+  mov .* <-- here'; do
        expect 1 "$line" env TALLY_PLANT=index_zero_extended \
            "$planted" repro --backend $list end.clif
    done
}

flaky() {
    "${CC:-cc}" -std=gnu17 -shared -fPIC -I "$tree/src" -I "$tree/include" -I "$tree" \
        -o every_second.so "$tree/tests/cli/every_second.c"
    export EVERY_SECOND=$dir/turns TALLY_PLANT=./every_second.so
    expect 0 '^executions .* flaky [1-9][0-9]*, findings 0,' \
        "$planted" fuzz --executions 20 --backend $list --findings flaky
    expect 0 '^jit_none_sse2_planted-' sh -c 'ls flaky | sed s/^flaky-//'
    : > turns
    expect 6 '^flaky: shows here, and shows in 1 of 3 fresh processes' \
        "$planted" repro --quiet flaky/flaky-*-integer
    printf x > turns
    expect 6 '^flaky: does not show here, and shows in 2 of 3' \
        "$planted" repro --quiet flaky/flaky-*-integer
    unset EVERY_SECOND TALLY_PLANT
}

# On a terminal, statistics; they leave nothing behind in front of the counts line.
terminal() {
    expect 0 'executions, [0-9]+/s, [0-9.]+ % of runs trap' \
        script -qec "$tally fuzz --executions 50" /dev/null
    expect 0 '^executions 50, ' "$tally" fuzz --executions 50
    [ -s err ] && wrong "statistics without a terminal" || passed=$((passed + 1))
}

usage
statuses
skipped
stopped INT 130
stopped TERM 143
standard_input
machine_readable
saved
elsewhere
lacking
faults
flaky
terminal
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
