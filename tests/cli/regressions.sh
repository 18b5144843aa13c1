#!/bin/sh
# From a finding to a test that stays and to an issue for others, as it is typed.
#
#   tests/cli/regressions.sh BUILD
set -eu

build=$(cd "$1" && pwd)
. "$(dirname "$0")/counts.sh"
tree=$(pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tally=$build/tally
planted=$build/tally_planted
list=interp,jit:none:native,jit:none:native:planted
export TALLY_PLANT=load_over_store

cd "$dir"
mkdir kept bin

explain() { echo "exit status $status" && head -c 1000 out err; }
run() { "$@" > out 2> err < /dev/null && status=0 || status=$?; }
says() { grep -q -e "$1" out; }
warns() { grep -q -e "$1" err; }
add() { run "$planted" add-regression --folder kept "$@"; }
count() { ls -A kept | wc -l; }
passes() { "$tally" test --backend "$1" "$2" | grep -qE '^[1-9][0-9]* passed, 0 failed, 0 skipped$'; }
fails() { ! "$planted" test --backend "$1" "$2" > out 2>&1; }
sections() { grep '^## ' "$1" | tr '\n' ' '; }
block() { awk -v n="$3" '$0 == "```" { on = 0 } on { print } $0 == "```" t { on = ++k == n }' t="$2" "$1"; }

run "$planted" fuzz --backend $list --stop --executions 20000 --findings findings
finding=$(echo findings/*)
check "there is a finding" [ -e "$finding/finding.json" ]

# ---- the case as found
add "$finding" "a load was moved over a store to the same slot"
check "it is added" [ $status = 0 ]
check "it says where" says '^kept/load-moved-over-store.clif: [1-9][0-9]* run lines\{0,1\} pass'
check "it says that it shows" says '^shows, in 3 of 3'
whole=kept/load-moved-over-store.clif
check "the cause is on top" [ "$(head -n 1 $whole)" = \
    "; Cause: a load was moved over a store to the same slot." ]
check "it expects something" grep -qE '^; (run: .* == |traps: )' $whole
check "it expects bytes" grep -q '^; check-heap: ' $whole
check "nothing is only printed" [ "$(grep -c '^; print' $whole)" = 0 ]
check "it passes in the interpreter" passes interp $whole
check "it passes where there is no fault" passes interp,jit:none:sse2,jit:none:native $whole
check "it fails where there is" fails jit:none:native:planted $whole

# ---- what is there stays
cp $whole before
add "$finding" "another cause"
check "the same again is refused" [ $status = 2 ]
check "with the name of its file" warns "$whole has this case already"
add --name other $whole "another cause"
check "as a file, too" [ $status = 2 ]
"$tally" gen --seed 1 -o one.clif
add --name load-moved-over-store one.clif "a case of nobody"
check "no file is overwritten" [ $status = 2 ]
check "and it says what to do" warns 'is there already; --name'
check "the file is as it was" cmp -s before $whole
add one.clif "a load was moved over a store to the same slot"
check "the cause's name gets a number" [ $status = 0 -a -e kept/load-moved-over-store-2.clif ]
check "a file that shows nothing is said to" says '^does not show: all configurations agree'
check "and passes" passes interp,jit:none:native kept/load-moved-over-store-2.clif

# ---- whatever is generated
mkdir many
for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    "$tally" gen --seed $seed -o seed.clif
    "$tally" add-regression --folder many --name $seed seed.clif "a case of nobody" >> added
done
check "20 generated cases are added" [ "$(grep -c 'in the interpreter$' added)" = 20 ]
run "$tally" test many
check "and pass" says '^[1-9][0-9]* passed, 0 failed'

# ---- what does not do
files=$(count)
for cause in "" "  " "the it was"; do
    add "$finding" "$cause"
    check "'$cause' is no cause, or no name" [ $status = 2 ]
done
add "$finding"
check "a cause must be given" [ $status = 2 ]
"$tally" gen --seed 2 -o two.clif
for name in a/b .x '' 'x y'; do
    add --name "$name" two.clif "a cause of nothing"
    check "'$name' is no name" [ $status = 2 ]
done
run "$planted" add-regression --folder none two.clif "a cause"
check "no folder is made" [ $status = 2 -a ! -e none ]
sed 's/^; print: \(.*\)/; traps: \1 user77/' two.clif > wrong.clif
add --name wrong wrong.clif "a cause"
check "what the interpreter contradicts is refused" [ $status = 1 ]
cat > endless.clif <<'CLIF'
function %f() {
block0:
    jump block1
block1:
    jump block1
}
; print: %f()
CLIF
add --name endless endless.clif "a cause"
check "what has no outcome is refused" [ $status = 5 ]
check "nothing is left of all that" [ "$(count)" = "$files" ]

# ---- a cause with words of directives, and more than a line
add two.clif "what is read behind the run: of a loop, where heap: and run stand in the sentence that \
tells what happened and run: run traps: print run: run: run: run: run: run: run: heap: address: run"
check "a long cause" [ $status = 0 ]
check "is broken into lines" [ "$(grep -c '^; ' kept/read-behind-run-loop.clif)" -gt 2 ]
check "of at most 100 columns" [ "$(sed '/^test/,$d' kept/read-behind-run-loop.clif | awk 'length > 100' | wc -l)" = 0 ]
check "none is a directive" passes interp kept/read-behind-run-loop.clif

# ---- what reducing leaves, and a defect that is gone
run "$planted" reduce --quiet --jobs 1 "$finding"
check "it is reduced" [ -e "$finding/reduced.clif" ]
TALLY_PLANT=trap_code_lost add --name gone "$finding" "a store was lost"
check "a defect that is gone is kept" [ $status = 0 ]
check "and it says so" says '^no longer shows'
rm kept/gone.clif
run "$tally" add-regression --folder kept --name elsewhere "$finding" "a store was lost"
check "where it cannot be judged, too" [ $status = 0 ]
check "and that is said" says '^not judged here'
rm kept/elsewhere.clif
add --name small "$finding" "a load was moved over a store."
check "the reduced case is another" [ $status = 0 ]
check "it is smaller" [ "$(wc -l < kept/small.clif)" -lt "$(wc -l < $whole)" ]
check "it fails where the fault is" fails jit:none:native:planted kept/small.clif
check "the full stop is not doubled" [ "$(head -n 1 kept/small.clif)" = "; Cause: a load was moved over a store." ]
add --whole --name whole "$finding" "a cause"
check "--whole is the case as found" warns "$whole has this case"
check "all of it passes" passes interp,jit:none:native kept

# ---- the issue
wanted="## Case ## To reproduce ## Expected and actual ## Votes ## Versions ## CPU features "
run "$planted" report --issue "$finding"
check "there is a report" [ $status = 0 -a ! -s err ]
cp out issue.md
check "it has a title" grep -q '^# jit:none:native:planted: other ' issue.md
check "it has all sections" [ "$(sections issue.md)" = "$wanted" ]
check "it is of the reduced case" grep -q '^Reduced' issue.md
check "it names who is alone" grep -q '^| `jit:none:native:planted` | .* \*\*stands alone\*\* |$' issue.md
check "it has versions" grep -q "^| tally | [0-9.]*, commit [^ ]*, built by " issue.md
check "it has CPU features" grep -q '^\* `jit:none:native`: ' issue.md
no_path() { ! grep -nE '(^|[^<[:alnum:]_./~`])/[[:alnum:]_.]+|registry|crates\.io|'"$dir" "$1" > err; }
check "it has no path" no_path issue.md

# What it says to type does what it says.
block issue.md clif 1 > case.clif
command=$(sed -n 's/^    \(.*\)tally run /\1"$planted" run /p' issue.md)
run sh -c "planted=$planted; unset TALLY_PLANT TALLY_CPU; $command"
check "its command shows it" [ $status = 1 ]
block issue.md clif 2 > twin.clif
check "the twin passes in the interpreter" passes interp,jit:none:native twin.clif
check "and shows it" fails jit:none:native:planted twin.clif

run "$planted" report --issue "$finding" -o written.md
check "-o writes it" cmp -s written.md issue.md
run "$planted" report --issue --whole "$finding"
check "--whole is of the case as found" says '^As it was found'
TALLY_PLANT=trap_code_lost run "$planted" report --issue "$finding"
check "what no longer shows is not reported" [ $status = 6 -a ! -s out ]
check "and it says what changed" warns 'no longer shows'
check "and what else could be judged" warns '--whole'
cp "$finding/reduced.clif" right.clif
echo nonsense > "$finding/reduced.clif"
run "$planted" report --issue "$finding"
check "a reduced case that is none is bad input" [ $status = 2 -a ! -s out ]
check "it is named" warns 'reduced.clif:1:1: error: '
add --name nonsense "$finding" "a cause of nothing"
check "nor is it added" [ $status = 2 -a ! -e kept/nonsense.clif ]
cp right.clif "$finding/reduced.clif"
run "$planted" report --issue one.clif
check "a file that shows nothing is not reported" [ $status = 6 -a ! -s out ]
run "$tally" report --issue "$finding"
check "without its configurations nothing is" [ $status = 2 -a ! -s out ]
run "$tally" report
check "without --issue it says what it can do" warns '--issue FINDING'
check "and that is wrong usage" [ $status = 2 ]

# ---- the story of one finding, as docs/after-a-finding.md has it
mkdir -p story/corpus/regressions story/sh
awk -v kind=sh -v dir=story/sh -f "$tree/tools/md_blocks.awk" "$tree/docs/after-a-finding.md"
ln -s "$build" story/build
cat $(ls story/sh/* | sort -V) | sed '/^make /d' > story/typed
check "the page says what to type" [ "$(wc -l < story/typed)" = 8 ]
(cd story && unset TALLY_PLANT && sh typed > out 2>&1) || true
check "the story leaves a small case" [ "$(grep -c ' = ' story/findings/*/reduced.clif)" -lt 12 ]
check "a regression" passes interp,jit:none:native story/corpus/regressions/load-moved-over-store.clif
check "and an issue" [ "$(sections story/issue.md)" = "$wanted" ]
for line in ': 1 run line passes in the interpreter' 'the first wrong value is v' 'shows, in 3 of 3 fresh processes too'; do
    check "it prints '$line'" grep -q "$line" story/out
done

# ---- C compilers: one that is ill, and the program that shows it
if [ -e "$build/backends/cc.so" ]; then
    printf '%s\n' '#!/bin/sh' \
        'for w; do case $w in *.c) sed -i s/0xbad/0xbae/ "$w" ;; esac; done' 'exec gcc "$@"' > bin/ill
    chmod +x bin/ill
    PATH=$dir/bin:$PATH
    cat > c.clif <<'CLIF'
function %f(i64, i32x4, i64) -> i32, i32x4 system_v {
block0(v0: i64, v1: i32x4, v2: i64):
    v3 = iconst.i32 0xbad
    v4 = load.i32 v0+4
    v5 = iadd v3, v4
    v6 = iadd v1, v1
    store v5, v0
    v7 = load.i64 v2
    store v5, v7
    return v5, v6
}
; heap: <heap0> size=16, align=16, bytes=[01 00 00 00 02]
; heap: <heap1> size=8, cell 0 = <heap0>+8
; heap: <heap2> size=8, fault
; print: %f(<heap0>, [1 2 3 4], <heap1>)
CLIF
    run "$tally" report --issue --backend interp,jit:none:native,cc:cc="$dir/bin/ill":O1 c.clif
    check "an ill compiler is reported" [ $status = 0 ]
    cp out c.md
    check "the issue has all sections" [ "$(sections c.md)" = "$wanted" ]
    block c.md c 2 > program.c
    grep -v '^ *\(#\|/\*\| \*\)' c.md > lines
    check "and no path" no_path lines
    gcc -O1 program.c -o well && ./well > well.out
    cp program.c copy.c && ill -O1 copy.c -o badly && ./badly > badly.out
    check "its program is right elsewhere" grep -q '^result 0: af 0b 00 00' well.out
    check "and wrong there" grep -q '^result 0: b0 0b 00 00' badly.out
    check "heaps are shown" grep -q '^heap0: af 0b 00 00 02 00 00 00 af 0b' well.out
else
    echo "C compilers are left out: make backend-cc"
fi
finish
