#!/bin/sh
# Malformed and hostile files: a located message and exit status 2, within 64 MiB and ten seconds;
# never a crash, a hang or a leak.
#
#   tests/cli/bad_input.sh TALLY WITHIN MEGABYTES      0 megabytes: a build with sanitizers
set -eu

tally=$1
within="$2 $3 10"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. tests/cli/expect.sh

# One file at each limit, and one over it.
limits() {
    sed -n 's/^LIMIT( *\([a-z_]*\), *\([0-9]*\),.*/\1 \2/p' src/ir/limits.def > "$dir/limits"
    while read -r limit most; do
        awk -v limit="$limit" -v n="$most" -f tests/cli/limits.awk > "$dir/$limit.clif"
        [ "$limit" = reader_bytes ] || expect 0 - "$tally" show "$dir/$limit.clif"
        awk -v limit="$limit" -v n=$((most + 1)) -f tests/cli/limits.awk > "$dir/$limit.clif"
        expect_all 2 "$limit.clif:[0-9]+:[0-9]+: error: .* (to )?$most" "$dir/$limit.clif"
        rm "$dir/$limit.clif"
    done < "$dir/limits"
}

same_as_good() { # FILE WHAT
    expect 0 - "$tally" show "$1"
    if cmp -s "$dir/out" "$dir/shown"; then right; else wrong "$2 is read otherwise"; fi
}

# Files with a byte that is not text, or a line end that is not ours.
strange_bytes() {
    sed 's/$/\r/' "$good" > "$dir/crlf.clif"
    same_as_good "$dir/crlf.clif" CRLF
    head -c $(($(wc -c < "$good") - 1)) "$good" > "$dir/no-newline.clif"
    same_as_good "$dir/no-newline.clif" "no newline"
    { head -n 5 "$good"; printf 'a\0b\n'; tail -n +6 "$good"; } > "$dir/nul.clif"
    expect_all 2 'nul.clif:6:2: error:' "$dir/nul.clif"
    { head -n 5 "$good"; printf '; \377\n'; tail -n +6 "$good"; } > "$dir/utf8.clif"
    expect_all 2 'utf8.clif:6:3: error:' "$dir/utf8.clif"
    printf '\377\376f\0u\0' > "$dir/utf16.clif"
    expect_all 2 'utf16.clif:1:1: error:' "$dir/utf16.clif"
    head -c 1000000 "$tally" > "$dir/program"
    expect_all 2 'program:1:[0-9]*: error:' "$dir/program"
}

# What is no file, or no readable one.
strange_places() {
    : > "$dir/empty.clif"
    expect_all 2 'empty.clif:1:1: error:' "$dir/empty.clif"
    for command in show run; do expect 2 "$dir: error: .*directory" "$tally" $command "$dir"; done
    mkdir "$dir/empty"
    expect 5 - "$tally" test "$dir/empty"
    for file in missing.clif missing/x.clif good.clif/x; do
        expect_all 2 "$file: error: " "$dir/$file"
    done
    expect_all 2 'null:1:1: error:' /dev/null
    expect_all 2 '/dev/zero: error: larger than the limit' /dev/zero
    expect_all 2 '<stdin>:1:1: error:' -
    cp "$good" "$dir/unreadable.clif"
    chmod 0 "$dir/unreadable.clif"
    for command in show run test repro; do
        expect_denied "$tally" $command "$dir/unreadable.clif"
    done
}

# Bytes always decode, when there are any.
bytes() {
    expect 0 - "$tally" gen --from "$dir/empty.clif"
    expect 0 - "$tally" gen --from /dev/null
    head -c 1048576 "$tally" > "$dir/long"
    expect 0 - "$tally" gen --from "$dir/long" --hashes
    expect 2 "missing: error: No such file" "$tally" gen --from "$dir/missing"
    expect 2 "$dir: error: .*directory" "$tally" gen --from "$dir"
    expect 2 '/dev/zero: error: larger than the limit' "$tally" gen --from /dev/zero
    expect_denied "$tally" gen --from "$dir/unreadable.clif"
}

repeat() { yes "$1" | head -n "$2" | tr -d '\n'; } # TEXT TIMES

# hostile PLACE TEXT...: what printf makes of TEXT is bad there; what is between the braces of a
# function, or behind it, is in $in and $behind.
hostile() {
    place=$1
    shift
    printf "$@" > "$dir/hostile.clif"
    expect_all 2 "hostile.clif:$place: error:" "$dir/hostile.clif"
}
in='function %%f(i64) {\n%sblock0(v0: i64):\n%s    return\n}\n'
behind='function %%f(i64) {\nblock0(v0: i64):\n    return\n}\n%s\n'

# Numbers beyond every type, in each place that has one.
huge_numbers() {
    for n in -1 4294967296 18446744073709551616 "$(repeat 9 1000)"; do
        hostile 2:5 "$in" "    ss$n = explicit_slot 8
" ""
        hostile 2:25 "$in" "    ss0 = explicit_slot $n
" ""
        hostile 2:36 "$in" "    ss0 = explicit_slot 8, align = $n
" ""
        hostile 3:5 "$in" "" "    v$n = iconst.i8 1
"
        hostile '[34]:.*' "$in" "" "    brif v0, block$n, block0
"
        hostile 3:27 "$in" "" "    v1 = load.i8 notrap v0+$n$n
"
        hostile 5:.* "$behind" "; heap: <heap$n> size=8"
        hostile 5:22 "$behind" "; heap: <heap0> size=$n"
        hostile 5:31 "$behind" "; heap: <heap0> size=8, align=$n"
        hostile 5:.* "$behind" "; address: %f $n range=0..8"
        hostile 5:.* "$behind" "; address: %f 0 range=0..$n$n"
        hostile 5:.* "$behind" "; print: %f(<heap0>+$n$n)"
    done
    hostile 3:20 "$in" "" "    v1 = iconst.i8 100000
"
    hostile 3:21 "$in" "" "    v1 = iconst.i64 0x1_0000_0000_0000_0000
"
    hostile 3:.* "$in" "" "    v1 = f64const 0x1.0p$(repeat 9 1000)
"
    hostile 3:.* "$in" "" "    v1 = f64const 0x1.$(repeat 1 100000)p0
"
}

# Much of something: nesting, errors, one endless line.
much() {
    { printf "$behind" "; address: %f 0 range=0..8" | head -c -1; repeat ', cell 0 = (range=0..8' 100000; } \
        > "$dir/nested.clif"
    expect_all 2 'nested.clif:5:[0-9]*: error: too many levels' "$dir/nested.clif"
    for text in '(' '"' '[' '{' '%%' ' ' 'function ' 'function %%f(' 'i64, ' '; ' '\n' '}\n' 'function\n' \
        'function %%f() {\nblock0:\n' '; run: %%f()\n' 'v0 = iadd v0, v0\n' '0x' '\\\n'; do
        printf "$text" > "$dir/text"
        while [ "$(wc -c < "$dir/text")" -lt 4000000 ]; do
            cat "$dir/text" "$dir/text" > "$dir/twice" && mv "$dir/twice" "$dir/text"
        done
        mv "$dir/text" "$dir/much.clif"
        expect_all 2 'much.clif:[0-9]*:[0-9]*: error:' "$dir/much.clif"
    done
    { repeat ' ' 4000000; repeat 'function ' 100000; } > "$dir/spaces.clif"
    expect_all 2 'spaces.clif:1:4000010: error:' "$dir/spaces.clif"
}

full_device() {
    for command in "gen --seed 7" "gen --from $good" "show $good" "show --code $good" "show --stats 3" \
        "backends" "run --backend interp,interp $good" "run --json $good" \
        "test $good" "repro $good" "explain $good" "fuzz --executions 3 --findings $dir/findings"; do
        # shellcheck disable=SC2086
        $within "$tally" $command > /dev/full 2> "$dir/err" < /dev/null && status=0 || status=$?
        if [ "$status" = 3 ] && grep -q 'No space left' "$dir/err"; then right
        else wrong "exit status $status, not 3, on a full device: $command"; fi
    done
    expect 3 'No space left' "$tally" gen --seed 7 --output /dev/full
}

usage() {
    expect 2 . "$tally"
    expect 2 . "$tally" nonsense
    expect 2 . "$tally" show
    expect 2 . "$tally" show --nonsense
    expect 2 . "$tally" gen --seed x
    expect 2 . "$tally" gen --off nonsense
    expect 2 . "$tally" run --backend nonsense "$good"
    expect 2 . "$tally" run --backend jit:nonsense "$good"
    expect 2 . "$tally" run --backend "$(repeat jit, 10000)" "$good"
    expect 2 . env TALLY_OPTIONS=nonsense "$tally" fuzz --executions 1
    expect 2 . env TALLY_CPU=nonsense "$tally" run "$good"
}

good=$dir/good.clif
"$tally" gen --seed 7 > "$good"
"$tally" show "$good" > "$dir/shown"
limits
strange_bytes
strange_places
bytes
huge_numbers
much
full_device
usage
finish
