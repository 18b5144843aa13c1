#!/bin/sh
# What README.md says is what happens. In its ```console blocks, lines that begin with `$ ` are run
# in order and what follows is compared with what they print, numbers masked; a line `…` stands for
# any lines, `…` in a line for any text. Of the commands in ```sh blocks, `make fuzz` is run for
# three seconds; others must be targets that make knows (this test is a part of `make check`).
#
#   tests/cli/readme.sh BUILD
set -eu

build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

blocks() { awk -v want="$1" '/^```/ { on = !on && $0 == "```" want; next } on' README.md; }

# Numbers in either base, and how many blanks are between words, vary.
mask() { sed -E 's/0x[0-9a-f]+/N/g; s/[0-9a-f]{12,}/N/g; s/-?[0-9]+(\.[0-9]+)?/N/g; s/ +/ /g; s/ $//'; }

# compare EXPECTED ACTUAL: line by line, `…` matching any number of lines
compare() {
    awk '
        NR == FNR { want[++n] = $0; next }
        { got[++m] = $0 }
        function same(w, g,    at, end) {
            at = index(w, "…")
            if (!at) return w == g
            end = substr(w, at + length("…"))
            return length(g) >= at - 1 + length(end) && index(g, substr(w, 1, at - 1)) == 1 &&
                substr(g, length(g) - length(end) + 1) == end
        }
        function match_from(i, j) {
            while (i <= n && want[i] != "…") {
                if (j > m || !same(want[i], got[j])) return 0
                i++; j++
            }
            if (i > n) return j > m
            for (; j <= m + 1; j++) if (match_from(i + 1, j)) return 1
            return 0
        }
        END { exit !match_from(1, 1) }' "$1" "$2"
}

run_one() { # COMMAND, with the expected lines in $dir/expected
    command=$(echo "$1" | sed "s|build/|$build/|g")
    sh -c "$command" > "$dir/actual" 2>&1 || true
    mask < "$dir/expected" > "$dir/expected.masked"
    sed "s|$build/|build/|g" "$dir/actual" | mask > "$dir/actual.masked"
    if compare "$dir/expected.masked" "$dir/actual.masked"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "WRONG: $1"
        diff "$dir/expected.masked" "$dir/actual.masked" | head -n 20
    fi
}

blocks console > "$dir/console"
command=
: > "$dir/expected"
while IFS= read -r line; do
    case $line in
    '$ '*)
        [ -z "$command" ] || run_one "$command"
        command=${line#\$ }
        : > "$dir/expected" ;;
    *) printf '%s\n' "$line" >> "$dir/expected" ;;
    esac
done < "$dir/console"
[ -z "$command" ] || run_one "$command"

blocks sh | sed 's/ *#.*//' | grep '^make' > "$dir/make"
${MAKE:-make} -pq always > "$dir/targets" 2> /dev/null || true
while read -r line; do
    target=$(echo "${line#make }" | sed "s|build/|$build/|")
    if [ "$target" = fuzz ]; then
        NO_INSTALL=1 TIME=3 ${MAKE:-make} fuzz > "$dir/fuzz" 2>&1 &&
            grep -q '^executions [1-9].* findings 0,' "$dir/fuzz"
    else
        grep -q "^$target:" "$dir/targets"
    fi && passed=$((passed + 1)) || { failed=$((failed + 1)) && echo "WRONG: $line"; }
done < "$dir/make"
[ -s "$dir/console" ] && [ -s "$dir/make" ] || { failed=$((failed + 1)) && echo "README.md shows no commands"; }
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
