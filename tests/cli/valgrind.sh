#!/bin/sh
# Reads and prints every case of the tests under valgrind: no error, nothing lost.
#
#   tests/cli/valgrind.sh BUILD
set -eu

command -v valgrind > /dev/null || { echo "not run: valgrind is not there"; exit 0; }
find tests/clif corpus/regressions -name '*.clif' | sort | while read -r file; do
    valgrind -q --error-exitcode=9 --leak-check=full "$1/tally" show "$file" > /dev/null
done
