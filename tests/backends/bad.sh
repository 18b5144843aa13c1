#!/bin/sh
# Back ends that misbehave (bad.def, broken.def): what they do is told in a line, the others go on,
# a finding says it again, and nothing of them stays: no process, no folder.
#
#   tests/backends/bad.sh BUILD [WHAT]     `quick`, `slow`, or another function from below
set -eu

build=$(cd "$1" && pwd)
tree=$(pwd)
group=${2:-quick}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
. tests/cli/counts.sh
. tests/backends/page.sh

here=tests/backends
block c > "$folder/example.c"
flags="-I $here -DEXAMPLE=\"$folder/example.c\""
library "$folder/bad.so" $here/bad.c $flags
library "$folder/liar.so" $here/bad.c $flags -DLIES=1
library "$folder/batch.so" $here/bad.c $flags -DMAX_CASES=16
for name in $(sed -n 's/^BROKEN( *\([a-z_]*\),.*/\1/p' $here/broken.def); do
    library "$folder/$name.so" $here/broken.c -DMISTAKE="$name"
done
cp $here/victim.clif "$folder"
sed 's/0xbad/0x123/; s/victim/before/' $here/victim.clif > "$folder/before.clif"
sed 's/0xbad/0x124/; s/victim/after/' $here/victim.clif > "$folder/after.clif"
sed -n 's/^BAD( *\([a-z_0-9]*\), *[a-z]*, *\([a-z-]*\), *"\(.*\)", *"\(.*\)" )/\1:\2:\4:\3/p' \
    $here/bad.def > "$folder/misdeeds"
sed -n 's/^BROKEN( *\([a-z_]*\),.*, *"\(.*\)" )/\1:\2/p' $here/broken.def > "$folder/mistakes"
cd "$folder"
export TMPDIR=$folder/tmp
mkdir tmp

good=interp,jit:none:native
explain() { head -c 1500 out && head -c 1500 err; }
tally() { "$build/tally" "$@" > out 2> err < /dev/null && status=0 || status=$?; }
said() { grep -q -- "$1" out; }
complained() { grep -q -- "$1" err; }
lines() { [ "$(wc -l < "$1")" = "$2" ]; } # FILE N

# Three files, of which one has a victim. Those two agree among themselves, before and afterwards.
one_case() { # NAME KIND SAYS
    tally run --json --backend "$good,./bad.so:do=$1" before.clif victim.clif after.clif
    check "$1: before agrees" said 'before.clif","kind":"agree"'
    check "$1: after agrees" said 'after.clif","kind":"agree"'
    check "$1: nothing on stderr" lines err 0
    check "$1: nothing else on stdout" lines out 3
    check "$1: nothing stays" gone
    if [ "$2" = - ]; then
        check "$1: all agree" [ "$status" = 0 ]
        return
    fi
    check "$1: status 1" [ "$status" = 1 ]
    check "$1: $2 of the victim" \
        said "victim.clif\",\"kind\":\"$2\",.*\"odd\":\"$folder/bad.so:do=$1\""
    check "$1: says $3" said "\"text\":\"bad:do=$1 (6.6): .*$3"
}

# A campaign goes on, saves a folder that says what there is to say, and shows it again.
campaign() { # NAME KIND SLUG
    rm -rf found
    tally fuzz --executions 64 --backend "$good,./bad.so:do=$1:every=8" --findings found
    check "$1: fuzz ends with 1" [ "$status" = 1 ]
    check "$1: fuzz goes on" said '^executions 64,.* flaky 0, findings [1-9]'
    name=$(ls found | head -n 1)
    check "$1: the finding $name" expr "$name" : "bad_do_${1}_every_8-$2-$3\$" > /dev/null
    check "$1: its version" grep -q '"version": "6.6"' "found/$name/finding.json"
    check "$1: its README" grep -q "^bad:do=$1:every=8 (6.6): " "found/$name/README"
    tally repro --brief "found/$name"
    check "$1: repro shows it" said '^shows, in 3 of 3 fresh processes too'
    check "$1: repro ends with 1" [ "$status" = 1 ]
    check "$1: nothing stays of it" gone
}

# What is no back end, or does not open: one line, and the others judge without it.
absent() { # CONFIGURATION SAYS
    tally run --backend "$good,$1" victim.clif
    check "$1: the others go on" said '^victim.clif: agree'
    check "$1: status 2" [ "$status" = 2 ]
    check "$1: says $2" complained "^tally run: .*$2"
    check "$1: in one line" lines err 1
    check "$1: nothing stays" gone
}

broken() { # NAME SAYS
    [ -n "$2" ] || return 0
    absent "./$1.so" "/$1.so: $2\|^tally run: ./$1.so: $2"
    tally backends "./$1.so"
    check "$1: tally backends says so, too" complained "^tally backends: ./$1.so: $2"
    check "$1: and ends with 2" [ "$status" = 2 ]
}

listed() {
    TALLY_BACKENDS=$folder tally backends
    check "all are listed" [ "$(grep -c '^[a-z_]*  *not usable: ' out)" = 17 ]
    check "the good ones, too" said '^bad  *6.6: '
    check "listing ends with 0" [ "$status" = 0 ]
    check "a line of the list fits on 80 columns, but for what is wrong with a library" \
        [ -z "$(awk 'length > 80 && !/not usable/' out)" ]
    tally backends --json ./chatty.so
    check "what a library writes while it is loaded is not shown" lines out 1
    check "and what it is, is" said '^{"name":"./chatty.so","version":"0",'
}

liar() {
    tally run --backend "$good,./liar.so" before.clif victim.clif
    check "a lie: the others go on" [ "$(grep -c ': agree' out)" = 2 ]
    check "a lie: status 2" [ "$status" = 2 ]
    check "a lie is told" complained 'liar.so: it refuses what it said it can run: it gives no reason'
}

# A run line whose case cannot be compiled for a mistake of the compiler has failed.
run_lines() {
    sed 's/^; print: .*/; run: %victim(<heap0>, 7) == 20923/' victim.clif > line.clif
    tally test --backend interp,./bad.so line.clif
    check "run lines: passed" said '^2 passed, 0 failed, 0 skipped'
    for pair in segfault:SIGSEGV fails:rule; do
        tally test --backend "interp,./bad.so:do=${pair%:*}" line.clif
        check "run lines: $pair fails" said '^1 passed, 1 failed, 0 skipped'
        check "run lines: $pair is said" said "^line.clif:8: .*: failed: compiling: ${pair#*:}"
        check "run lines: status 1" [ "$status" = 1 ]
    done
    { echo "target aarch64" && cat line.clif; } > foreign.clif
    tally test --skips --backend interp,./bad.so:do=fails foreign.clif
    check "run lines: a mistake with another machine's is none" \
        said '^1 passed, 0 failed, 1 skipped'
    check "run lines: says so" said '^ *1 skipped: other architecture only'
    tally test --backend interp,./bad.so:do=segfault foreign.clif
    check "run lines: dying of it is one" said '^1 passed, 1 failed, 0 skipped'
    tally test --backend interp,./bad.so:do=differs foreign.clif
    check "run lines: and so is a wrong result" said '^1 passed, 1 failed, 0 skipped'
}

# A bug of tally's own in a worker is none of the compiler's.
own_bug() {
    tally run --backend "$good,./bad.so:do=ends_as_tally" victim.clif
    check "our own bug in a worker: status 4" [ "$status" = 4 ]
    check "our own bug in a worker: is told as one" \
        complained '^tally: our own bug: in a worker: .*: file.c:1: CHECK(true)'
}

# One that dies of many cases at once: each is judged alone, and it is told.
batch() {
    TALLY_OPTIONS=every=1 tally fuzz --executions 64 --off soft --findings found \
        --backend "$good,./batch.so:do=dies_in_a_batch"
    check "a batch: status 2" [ "$status" = 2 ]
    check "a batch: each was asked for, alone" said 'refused 64 (bad: [a-z_]* [0-9]'
    check "a batch: it is told" complained 'it dies of several cases at once, of none alone: SIGSEGV'
}

# No single case shows a leak: it is saved, it is not flaky, and repro does not say that it is gone.
leak() {
    rm -rf found
    TALLY_OPTIONS="every=1 leak=20" tally fuzz --executions 200 --findings found \
        --backend "$good,./bad.so:do=leaks:every=1"
    check "a leak: status 1" [ "$status" = 1 ]
    check "a leak: how much, of how many" said 'keeps memory for ever (6[0-9] MiB more than at first, after 6[0-9] compiles)'
    check "a leak: it is not flaky" said ' flaky 0, findings [1-9]'
    name=bad_do_leaks_every_1-leak-memory
    check "a leak: its README says what it is" grep -q '^It came of many cases' "found/$name/README"
    check "a leak: its JSON, too" grep -q '"alone": false' "found/$name/finding.json"
    check "a leak: its options" grep -q '"options": ".* leak=20' "found/$name/finding.json"
    tally repro "found/$name"
    check "a leak: repro says so" said '^came of many cases'
    check "a leak: repro ends with 5" [ "$status" = 5 ]
}

# The child that leads a group of its own; replays do not. PIDs are not used again so soon.
worker_of() {
    cat /proc/[0-9]*/stat 2> /dev/null |
        awk -v parent="$1" '$4 == parent && $5 == $1 && $3 != "Z" { print $1; exit }'
}
lives() { [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status"; }
new_worker() { # PID OLD: waits for another one, while tally lives
    while now=$(worker_of "$1") && lives "$1" && { [ -z "$now" ] || [ "$now" = "$2" ]; }; do
        sleep 0.01
    done
}

# Before, there is another child, which asks what the library is.
has_folder() { while lives "$pid" && [ -z "$(ls tmp)" ]; do sleep 0.01; done; }

# The campaign does not end with its worker, and blames nobody; with tally goes everything.
killed() {
    rm -rf found
    TALLY_OPTIONS=every=1 "$build/tally" fuzz --time 1000 --findings found \
        --backend "$good,./bad.so" > out 2> err &
    pid=$!
    now=
    has_folder
    for turn in 1 2 3; do
        new_worker $pid "$now"
        kill -9 "$now" 2> /dev/null || continue # it has just ended
    done
    new_worker $pid "$now"
    kill -INT $pid
    wait $pid && status=0 || status=$?
    check "a killed worker: the campaign ends when it is told to" [ "$status" = 130 ]
    check "a killed worker: the campaign goes on" said '^executions [1-9].* findings 0,'
    check "a killed worker: nobody is blamed" [ -z "$(ls found 2> /dev/null | grep -v '^flaky-')" ]
    check "a killed worker: nothing stays" gone

    TALLY_OPTIONS=every=1 "$build/tally" fuzz --time 1000 --findings found \
        --backend "$good,./bad.so" > out 2> err &
    pid=$!
    has_folder
    kill -9 $pid
    wait $pid && status=0 || status=$?
    check "tally is killed" [ "$status" = 137 ]
    while processes; do sleep 0.01; done
    check "its folder stays" [ -n "$(ls tmp)" ]
    tally run --backend "$good,./bad.so" after.clif
    check "until tally is started again" gone
}

# Compilers that do not end. The limit is one of CPU time, or twenty times as long on the clock.
endless() { # NAME
    rm -rf found
    TALLY_OPTIONS="compile-limit=1 every=1 replay=no" tally fuzz --stop --executions 64 \
        --findings found --backend "$good,./bad.so:do=$1:every=8"
    check "$1: fuzz ends with 1" [ "$status" = 1 ]
    check "$1: is told" said "stuck: bad:do=$1:every=8 (6.6): the compiler did not end (did not end)"
    check "$1: is saved" [ "$(ls found)" = "bad_do_${1}_every_8-stuck-did_not_end" ]
    check "$1: nothing stays" gone
}

# What it was found with is in the finding.
endless_again() {
    tally repro --brief found/*
    check "repro has the limit, too" said '^shows, in 3 of 3 fresh processes too'
}

misdeeds() {
    while IFS=: read -r name kind slug says; do one_case "$name" "$kind" "$says"; done < misdeeds
    export TALLY_OPTIONS="limit=20 every=1"
    while IFS=: read -r name kind slug says; do
        [ "$kind" = - ] || [ "$slug" = - ] || campaign "$name" "$kind" "$slug"
    done < misdeeds
    unset TALLY_OPTIONS
}

absentees() {
    while IFS=: read -r name says; do broken "$name" "$says"; done < mistakes
    echo "no library" > text.so
    echo "int x;" > empty.c
    "${CC:-cc}" -shared -fPIC empty.c -o empty.so
    absent ./empty.so 'empty.so: it has no function tally_backend'
    absent ./text.so 'file too short\|invalid ELF header'
    absent ./missing.so 'cannot open shared object file'
    absent nobody 'no back end is called .nobody'
    absent ./bad.so:do=open_fails 'bad.so:do=open_fails: no licence for 3 seats'
    absent ./bad.so:do=open_is_silent 'it gives no reason'
    absent ./bad.so:do=open_dies 'it does not open: SIGSEGV at bad.so+0x'
    absent ./bad.so:nonsense 'has no option .nonsense.; tally backends ./bad.so lists them'
    absent ./bad.so:every=often '.often. is no value of every; it takes NUMBER'
    listed
}

# A back end that shows no machine code: where its values, its compiler, its code go wrong.
explained() {
    tally explain --backend "$good,./bad.so:do=differs" victim.clif
    check "explain: status 1" [ "$status" = 1 ]
    check "explain: nothing is computed" said '^no place of it could be named$'
    for kind in fails segfault; do
        tally explain --backend "$good,./bad.so:do=$kind" victim.clif
        check "explain $kind: what it needs" \
            said '^it takes all up to `v2 = iconst.i64 2989`, in %victim$'
        check "explain $kind: no machine code" sh -c '! grep -q "machine code" out'
    done
    tally explain --backend "$good,./bad.so:do=crashes" victim.clif
    check "explain: a crash" said '^it stops at `v2 = iconst.i64 2989`, in %victim$'
    tally explain --backend "$good,./bad.so:do=spoils_rbx" victim.clif
    check "explain: a convention" said '^it takes all up to `v2 = iconst.i64 2989`, in %victim$'
    check "explain: nothing stays" gone
}

quick() {
    misdeeds
    absentees
    liar
    explained
    run_lines
    own_bug
    batch
    leak
    killed
    endless loops_for_ever
}

slow() {
    endless waits_for_ever
    endless hangs_up_and_loops
    endless_again
}

$group
finish
