#!/bin/sh
# Reads, prints and interprets every case of the tests under valgrind: no error, nothing lost.
#
#   tests/cli/valgrind.sh BUILD
set -eu

build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

check() { # TALLY-COMMAND... FILE
    valgrind -q --error-exitcode=99 --leak-check=full "$build/tally" "$@" > /dev/null 2> "$dir/err" &&
        status=0 || status=$?
    if [ "$status" != 99 ] && [ "$status" -lt 128 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "WRONG: exit status $status: $*"
        head -n 12 "$dir/err"
    fi
}

find tests/clif tests/read tests/verify corpus/regressions -name '*.clif' | sort > "$dir/files"
while read -r file; do
    check show "$file"
    check test --backend interp "$file"
done < "$dir/files"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
