#!/bin/sh
# Cases of published defects (corpus/history/history.txt) on the versions that have them and those
# that do not, and whether a campaign finds them by itself.
#
#   tools/history.sh          the cases; ends with `N passed, N failed`
#   tools/history.sh N        and a campaign of at most N executions for each
#
# A campaign lets both versions vote with the interpreter and our JIT: what the other three outvote
# the first version on is a defect that is gone from the second.
set -eu

build=${BUILD:-build}
tally=$build/tally
most=${1:-0}
step=1000
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

is_built() { [ -e "$build/backends/cranelift-${1%%:*}.so" ]; }

# judge CONFIG STATUS: what the case does there, `not built` or `WRONG: …`
judge() {
    if [ "$1" = - ]; then
        echo none
        return
    elif ! is_built "$1"; then
        echo "not built"
        return
    fi
    "$tally" run --backend "interp,cranelift-$1" "corpus/history/$name.clif" > "$dir/out" 2>&1 &&
        status=0 || status=$?
    if [ $status = "$2" ]; then
        sed -n '1s/^[^:]*: \(finding: \|unjudged: .* \)\{0,1\}\([a-z]*\)\(:.*\)\{0,1\}$/\2/p' "$dir/out"
    else
        echo "WRONG: $(head -n 1 "$dir/out")"
    fi
}

# Seed and signature (without its first part) of the first finding that names the version alone and
# is of the defect's family.
named() {
    grep "\"event\":\"finding\".*\"odd\":\"cranelift-$has\"" "$1" |
        sed 's/.*"seed":\([0-9]*\),"signature":"[^-"]*-\([^"]*\)".*/\1 \2/' |
        grep -E "$family" | head -n 1
}

# CPU time of a command and all that it starts goes to $dir/times. (Not through a pipe: `times` is
# about the shell that runs it.)
timed() {
    (
        "$@" || true
        times > "$dir/now"
    )
    tail -n 1 "$dir/now" >> "$dir/times"
}
cpu_seconds() {
    tr ms "  " < "$dir/times" | awk '{ n += 60 * ($1 + $3) + $2 + $4 } END { printf "%.0f", n }'
}

# Step by step, until it is found: CPU time is that of whole steps.
campaign() {
    from=0
    found=
    : > "$dir/times"
    while [ $from -lt "$most" ] && [ -z "$found" ]; do
        timed "$tally" fuzz --json --every 1,1 --seed $from --executions $step \
            --findings "$dir/findings" \
            --backend "interp,jit:none:sse2,cranelift-$not,cranelift-$has" > "$dir/out" 2> "$dir/err"
        found=$(named "$dir/out")
        from=$((from + step))
        rm -rf "$dir/findings"
    done
    if [ -n "$found" ]; then
        echo "found after $((${found% *} + 1)) executions, $(cpu_seconds) s: ${found#* }"
    elif [ "$lacks" = - ]; then
        echo "not found in $from executions, $(cpu_seconds) s"
    else
        echo "not found in $from executions, $(cpu_seconds) s: the generator lacks $lacks"
    fi
}

row='| %-23s | %-14s | %-24s | %-9s | %-24s | %-9s | %s |\n'
printf "$row" case reference "has it" finding "does not" agrees campaign
printf '| --- | --- | --- | --- | --- | --- | --- |\n'
grep -v '^#' corpus/history/history.txt > "$dir/table"
while read -r name has not reference family lacks; do
    agrees=0
    [ "$not" = "${not#refused:}" ] || agrees=5
    not=${not#refused:}
    bad=$(judge "$has" 1)
    good=$(judge "$not" $agrees)
    told=
    [ "$most" = 0 ] || ! is_built "$has" || ! is_built "$not" || told=$(campaign)
    printf "$row" "$name" "$reference" "$has" "$bad" "$not" "$good" "$told"
    for what in "$bad" "$good"; do
        case $what in
        WRONG*) failed=$((failed + 1)) ;;
        "not built" | none) ;;
        *) passed=$((passed + 1)) ;;
        esac
    done
done < "$dir/table"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
