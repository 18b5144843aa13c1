#!/bin/sh
# `tally explain` as people and programs meet it: what it names, that it fits on a screen, which case
# it reads, what it says of a finding that no longer shows as it did, and every exit status.
#
#   tests/cli/explain.sh BUILD
set -eu

build=$(cd "$1" && pwd)
tree=$(pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. tests/cli/counts.sh
cd "$dir"

list=interp,jit:none:sse2,jit:none:sse2:planted
explain() { head -c 1500 out && head -c 1000 err; }
run() { # STATUS COMMAND...
    want=$1
    shift
    "$@" > out 2> err < /dev/null && status=0 || status=$?
    check "exit status $status, not $want: $*" [ "$status" = "$want" ]
}
said() { check "says $1" grep -qE -e "$1" out; }
silent() { check "does not say $1" sh -c '! grep -qE -e "$1" out' sh "$1"; }
planted() { plant=$1 && shift && TALLY_PLANT=$plant "$build/tally_planted" "$@"; }
# UTF-8: `…` is one column.
screen() {
    check "40 lines" sh -c 'n=$(wc -l < out) && [ $n -ge 5 ] && [ $n -le 40 ]'
    check "100 columns" sh -c '[ $(sed "s/…/./g" out | LC_ALL=C wc -L) -le 100 ]'
    check "no escapes" sh -c '! grep -q "$(printf "\033")" out'
}

# A file; the place is written in its own names.
a_file() {
    run 1 planted load_over_store explain --backend $list "$tree/docs/overlap.clif"
    screen
    said '^memory: jit:none:sse2:planted: other bytes in a heap than interp$'
    said '^the first wrong value is v3, in %store_and_load$'
    said '^  found by writing down each of [0-9]+ definitions and stores alone, in [0-9]+ copies$'
    said '^  written down all at once, they make the difference disappear$'
    said '^  it disappears when this alone is written down: the store of v2 in %store_and_load'
    said '^>   v3 = load.i32 notrap v1$'
    said '^        interp +0x07060504$'
    said '^        jit:none:sse2:planted +0x\[ffffffff\]$'
    said '^    store.i8x16 .* = 0x0f0e0d0c0b0a09080706050403020100$'
    said '^      0000  mov eax, \[rsi\]$'
    said '^    registers before 0002$'
    said '^      rax\[00000000ffffffff\]  rcx '
    said '^    it loads what `store.i8x16 notrap aligned v2, v0` in %store_and_load stored'
    said '^    v1 is v4 of %caller.s call$'
    said '^  > 0000  00  00  00  00 \[04\]\[05\]\[06\]\[07\] \|  00  00  00  00 \[ff\]\[ff\]\[ff\]\[ff\]$'
    said '^the file: 10 instructions; shows, in 3 of 3 fresh processes too$'
    run 0 "$build/tally" explain "$tree/docs/overlap.clif"
    said '^does not show: all configurations agree$'
}

json() {
    run 1 planted load_over_store explain --json --backend $list "$tree/docs/overlap.clif"
    check "one object" sh -c '"$1"/json_lines path kind text odd shows said notes from instructions \
        explanation < out' sh "$build"
    said '"explanation":\{"what":"value","by":"one","odd":"jit:none:sse2:planted",'
    said '"function":"%store_and_load","block":0,"instruction":"v3 = load.i32 notrap v1","value":"v3"'
    said '"expected":"0x07060504","actual":"0xffffffff","late":false,'
    said '"written_by":"%store_and_load store v2"'
    said '"gone_when_all_watched":true,"gone_when_watched":\["%store_and_load store v2"'
    said '"code":\[\{"offset":0,"text":"mov eax, \[rsi\]"\}\],"registers":\{"rax":"00000000ffffffff"'
    said '"registers_at":2'
}

# A folder. What the fault needs is a narrow index that wraps.
a_folder() {
    run 1 planted scale_before_wrap fuzz --stop --backend $list --findings found
    folder=$(echo found/*)
    run 1 planted scale_before_wrap explain "$folder"
    screen
    said '^>   v[0-9]+ = uextend.i64 v[0-9]+$'
    said '^what is left of the case: [0-9]+ instructions; shows, in 3 of 3 fresh'
    run 1 planted scale_before_wrap explain --whole "$folder"
    screen
    said '^>   v[0-9]+ = uextend.i64 v[0-9]+$'
    said '^the case as it was found: [0-9]+ instructions; '
    run 1 planted scale_before_wrap reduce --quiet --jobs 1 --max-tries 1000 "$folder"
    run 1 planted scale_before_wrap explain "$folder"
    screen
    said '^>   v[0-9]+ = uextend.i64 v[0-9]+$'
    said '^reduced.clif: [0-9]+ instructions; '
    silent '^note'
    cp "$tree/docs/overlap.clif" "$folder/reduced.clif"
    run 1 planted scale_before_wrap explain "$folder"
    said '^note: reduced.clif does not show it, and is left aside$'
    said '^what is left of the case: '
    echo nonsense > "$folder/reduced.clif"
    run 1 planted scale_before_wrap explain "$folder"
    check "why it is not read" grep -q 'reduced.clif:1:1: error: ' err
    rm "$folder/reduced.clif"
}

# It no longer shows, shows something else, is flaky: what changed is told.
gone() {
    run 6 planted store_sunk explain "$folder"
    said '^it was jit_none_sse2_planted-'
    said '^no longer shows: all configurations agree'
    sed -i 's/"commit": "[^"]*"/"commit": "0123456789ab"/' "$folder/finding.json"
    run 6 planted store_sunk explain "$folder"
    said '^note: it was found by a build of commit 0123456789ab, this is a build of '
    run 6 planted saved_register/1 explain "$folder"
    said '^shows something else: it was crash in jit:none:sse2:planted'
    run 6 planted saved_register/1 explain --json "$folder"
    said '"shows":false,.*"explanation":null'
    "${CC:-cc}" -std=gnu17 -shared -fPIC -I "$tree/src" -I "$tree/include" -I "$tree" \
        -o every_second.so "$tree/tests/cli/every_second.c"
    export EVERY_SECOND=$dir/turns
    run 0 planted ./every_second.so fuzz --executions 20 --backend $list --findings flaky
    : > turns
    run 6 planted ./every_second.so explain flaky/flaky-*-integer
    said '^flaky: shows here, and shows in 1 of 3 fresh processes$'
    unset EVERY_SECOND
}

# What stops where it should not has a place in the machine code, if not a wrong value before it.
stops() {
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
    run 1 planted index_zero_extended explain --backend $list end.clif
    screen
    said '^crash: .*SIGSEGV at code'
    said '^the first wrong value is v2, in %f$'
    said '^    v1 is the run.s argument -8$'
    said '^0x[0-9a-f]+ is <heap0>.256, and <heap0> has 16 bytes$'
    run 1 planted undefined explain --backend $list "$tree/tests/faults/misdeeds/victim.clif"
    screen
    said '^it happens in the code around the instructions, in %victim$'
    said '^      [0-9a-f]{4}  ud2 +<-- here$'
    said '^    registers before '
    run 1 planted saved_register explain --backend $list "$tree/tests/faults/misdeeds/victim.clif"
    screen
    said '^abi: .*r12'
    said '^it happens in the code around the instructions, in %victim$'
    said '^      [0-9a-f]{4}  not r12$'
}

# Whatever generated code does, there is something to say of it.
misdeeds() {
    names=$(sed -n 's/^MISDEED( *\([a-z_]*\),.*/\1/p' "$tree/tests/faults/misdeeds.def")
    for name in $names; do
        [ "$name" != endless_loop ] || continue # takes long
        run 1 planted "$name" explain --backend $list "$tree/tests/faults/misdeeds/victim.clif"
        screen
        said ', in %victim$'
        said '^      [0-9a-f]{4}  '
    done
}

# Of several runs the one that differs.
runs() {
    sed 's/^; print:.*/; print: %f(<heap0>, 8)\n&/' end.clif > two.clif
    run 1 planted index_zero_extended explain --backend $list two.clif
    said '^the first wrong value is v2, in %f$'
    said '^    v1 is the run.s argument -8$'
}

# The example of docs/explain.md is what is printed, registers and the blanks of lines aside.
mask() { sed -E 's/[0-9a-f]{16}/H/g; s/ +$//; s|^the file: .*|the file|'; }
page() {
    awk '/^```/ { n++; next } n == 1' "$tree/docs/explain.md" > page
    command=$(sed -n '1s|^\$ TALLY_PLANT=\([a-z_]*\) build/tally_planted \(.*\)|\1 \2|p' page)
    cd "$tree"
    # shellcheck disable=SC2086
    planted $command > "$dir/out" || true
    cd "$dir"
    sed 1d page | mask > page.masked
    mask < out > out.masked
    check "the example of docs/explain.md" diff page.masked out.masked
}

usage() {
    run 2 "$build/tally" explain
    run 2 "$build/tally" explain --nonsense x
    run 2 "$build/tally" explain a b
    run 2 "$build/tally" explain missing.clif
    run 2 "$build/tally" explain --backend nonsense "$tree/docs/overlap.clif"
}

a_file
json
a_folder
gone
stops
misdeeds
runs
page
usage
finish
