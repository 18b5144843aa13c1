#!/bin/sh
# Builds the back ends that `make check` tests: what cannot be built here is said in a line, and the
# rest goes on.
#
#   tools/build_backends.sh MAKE...      the last line is `N passed, N failed`
set -eu

passed=0
failed=0

try() { # NAME COMMAND...: exit status 3 says that it cannot be built here
    name=$1
    shift
    "$@" && status=0 || status=$?
    case $status in
    0) passed=$((passed + 1)) ;;
    3) echo "$name: not built, its tests are left out" ;;
    *) failed=$((failed + 1)) && echo "$name: the build failed" ;;
    esac
}

pinned=$(sed -n 's/^CRANELIFT_PINNED := //p' tools/backends.mk)
try cranelift tools/cranelift.sh "$pinned"
[ ! -e "${BUILD:-build}/backends/cranelift-$pinned.so" ] || try cranelift "$@" backend-cranelift
try cc "$@" backend-cc
try tcc "$@" backend-tcc
echo "$passed passed, $failed failed"
[ $failed = 0 ]
