#!/bin/sh
# Malformed, truncated and hostile files: a located message and exit status 2, within 64 MiB and ten
# seconds; never a crash or a hang.
#
#   tests/cli/bad_input.sh TALLY WITHIN MEGABYTES      0 megabytes: a build with sanitizers
set -eu

tally=$1
within="$2 $3 10"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

wrong() {
    failed=$((failed + 1))
    echo "WRONG: $*"
    head -c 300 "$dir/err" && echo
}

# expect STATUS PATTERN COMMAND...: exit status, and a line of stderr (`-` for none at all)
expect() {
    want=$1 pattern=$2
    shift 2
    $within "$@" > "$dir/out" 2> "$dir/err" && status=0 || status=$?
    if [ "$status" != "$want" ]; then
        wrong "exit status $status, not $want: $*"
    elif [ "$pattern" = - ] && [ -s "$dir/err" ]; then
        wrong "messages: $*"
    elif [ "$pattern" != - ] && ! grep -aqE "$pattern" "$dir/err"; then
        wrong "no message like /$pattern/: $*"
    else
        passed=$((passed + 1))
    fi
}

# One file at each limit, and one over it.
limits() {
    sed -n 's/^LIMIT( *\([a-z_]*\), *\([0-9]*\),.*/\1 \2/p' src/ir/limits.def > "$dir/limits"
    while read -r limit most; do
        awk -v limit="$limit" -v n="$most" -f tests/cli/limits.awk > "$dir/$limit.clif"
        [ "$limit" = reader_bytes ] || expect 0 - "$tally" show "$dir/$limit.clif"
        awk -v limit="$limit" -v n=$((most + 1)) -f tests/cli/limits.awk > "$dir/$limit.clif"
        expect 2 "$limit.clif:[0-9]+:[0-9]+: error: .* (to )?$most" "$tally" show "$dir/$limit.clif"
        rm "$dir/$limit.clif"
    done < "$dir/limits"
}

# A file that is bad by itself, one that is cut, changed or unreadable.
strange_files() {
    good=$dir/good.clif
    "$tally" gen --seed 7 > "$good"
    "$tally" show "$good" > "$dir/shown"

    sed 's/$/\r/' "$good" > "$dir/crlf.clif"
    expect 0 - "$tally" show "$dir/crlf.clif"
    cmp -s "$dir/out" "$dir/shown" && passed=$((passed + 1)) || wrong "CRLF is read otherwise"
    head -c $(($(wc -c < "$good") - 1)) "$good" > "$dir/no-newline.clif"
    expect 0 - "$tally" show "$dir/no-newline.clif"
    cmp -s "$dir/out" "$dir/shown" && passed=$((passed + 1)) || wrong "no newline is read otherwise"

    { head -n 5 "$good"; printf 'a\0b\n'; tail -n +6 "$good"; } > "$dir/nul.clif"
    expect 2 'nul.clif:6:2: error:' "$tally" show "$dir/nul.clif"
    { head -n 5 "$good"; printf '; \377\n'; tail -n +6 "$good"; } > "$dir/utf8.clif"
    expect 2 'utf8.clif:6:3: error:' "$tally" show "$dir/utf8.clif"
    : > "$dir/empty.clif"
    expect 2 'empty.clif:1:1: error:' "$tally" show "$dir/empty.clif"
    expect 2 "$dir: error: .*directory" "$tally" show "$dir"
    expect 2 'missing.clif: error: No such file' "$tally" show "$dir/missing.clif"
    expect 2 error: "$tally" repro "$dir/missing"
    expect 2 error: "$tally" show /dev/null
    expect 2 "larger than the limit" "$tally" show /dev/zero
    expect 2 error: "$tally" run "$dir/nul.clif"
    expect 2 error: "$tally" test "$dir/nul.clif"
    expect 2 error: "$tally" gen --from "$dir/missing"
    unreadable
}

unreadable() {
    cp "$good" "$dir/unreadable.clif"
    chmod 0 "$dir/unreadable.clif"
    chmod 755 "$dir"
    if [ "$(id -u)" = 0 ]; then
        su='exec setpriv --reuid=65534 --clear-groups -- "$@"'
        expect 2 'Permission denied' sh -c "$su" sh "$tally" show "$dir/unreadable.clif"
    else
        expect 2 'Permission denied' "$tally" show "$dir/unreadable.clif"
    fi
}

full_device() {
    for command in "gen --seed 7" "show $good" "backends" "run --backend interp,interp $good" \
        "test $good"; do
        # shellcheck disable=SC2086
        $within "$tally" $command > /dev/full 2> "$dir/err" && status=0 || status=$?
        if [ "$status" = 3 ] && grep -q 'No space left' "$dir/err"; then passed=$((passed + 1))
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
    expect 2 . env TALLY_OPTIONS=nonsense "$tally" fuzz --executions 1
}

limits
strange_files
full_device
usage
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
