#!/bin/sh
# Builds the back end on one published version of Cranelift.
#
#   tools/cranelift.sh VERSION        makes $BUILD/backends/cranelift-VERSION.so
#   tools/cranelift.sh VERSION test   and runs its tests
#   tools/cranelift.sh VERSION ops    and lists the version's instructions in …-VERSION/ops
#
# Every cargo in PATH is tried, the first one first, then that of Debian's cargo-web, which
# tools/setup.sh installs unless NO_INSTALL=1. A crate's demand for a younger compiler counts only
# when the build fails.
#
# Exit status 0: it is there. 3: it cannot be built here, and one line says why: no cargo, one that
# is too old, no registry. 1: it should have been built, and the log says what went wrong.
set -eu

version=$1
command=${2:-build}
dir=${BUILD:-build}/backends/cranelift-$version
log=$dir/log
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../src/backend/cranelift" && pwd)
least=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$source/Cargo.toml.in")
export CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback

say() { echo "cranelift $version: $1" >&2; }
younger() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; } # or as old
logged() { grep -qE "$1" "$log"; }

manifest() {
    mkdir -p "$dir"
    sed "s|@VERSION@|$version|g; s|@SOURCE@|$source|g" "$source/Cargo.toml.in" > "$dir/Cargo.toml"
}

# The chosen cargo, with the compiler beside it.
run_cargo() {
    rustc=$(dirname "$cargo")/rustc
    if [ -x "$rustc" ]; then
        RUSTC=$rustc "$cargo" "$@" >> "$log" 2>&1
    else
        "$cargo" "$@" >> "$log" 2>&1
    fi
}

# The crates that are published together must be of one version: a requirement alone would be met
# by a later one with other rules or encodings. Wasmtime's are 87 ahead and without the 0.
of_the_set() {
    minor=$(echo "$version" | cut -d. -f2)
    awk -v v="$version" -v w="$((minor - 87)).0.${version##*.}" -F '"' '
        /^name = /    { name = $2 }
        /^version = / { is = name ~ /^cranelift-/ ? v : name ~ /^wasmtime-/ ? w : $2
                        if (is != $2) print name "@" $2, is }' "$dir/Cargo.lock"
}

# One depends on another: as long as any can be moved.
lock_the_set() {
    moved=1
    while [ $moved = 1 ]; do
        moved=0
        of_the_set > "$dir/others"
        while read -r package precise; do
            run_cargo update -p "$package" --precise "$precise" \
                --manifest-path "$dir/Cargo.toml" < /dev/null && moved=1
        done < "$dir/others"
    done
}

lock() {
    [ ! -f "$dir/Cargo.lock" ] || return 0
    run_cargo generate-lockfile --manifest-path "$dir/Cargo.toml" ||
        run_cargo generate-lockfile --offline --manifest-path "$dir/Cargo.toml" ||
        { rm -f "$dir/Cargo.lock" && return 1; }
    lock_the_set
}

cargo_on() { # COMMAND OPTION...
    run_cargo "$@" --release --locked --ignore-rust-version --manifest-path "$dir/Cargo.toml" \
        --target-dir "$dir/target"
}

build() {
    cargo_on build &&
        cp "$dir/target/release/libtally_cranelift.so" "$dir/new.so" &&
        mv "$dir/new.so" "$dir.so"
}

# What the log of a failure says: the end, unless it is that this cargo is too old.
explain() {
    [ -f "$dir.so" ] || rm -f "$dir/Cargo.lock"
    wanted=$(sed -n 's/.*cranelift-codegen v.*(requires Rust \(.*\))/\1/p' "$log" | head -n 1)
    why="$cargo is $is, too old: ${wanted:-a later one} is wanted"
    if logged 'failed to select a version'; then
        say "no such version is published"
        exit 1
    elif logged 'failed to (get|download|query|load source)|[Cc]ould ?n.t (resolve|connect)'; then
        say "no registry of crates can be reached (see $log)"
        exit 3
    elif younger "$is" "${wanted:-0}" && ! logged 'newer version of Cargo|requires rustc'; then
        say "the build failed: $log"
        exit 1
    fi
}

# Ends with `N passed, N failed`.
test_it() {
    cargo_on test && status=0 || status=$?
    sed -n '/^running/,$p' "$log"
    sed -n 's/^test result: .* \([0-9]*\) passed; \([0-9]*\) failed.*/\1 passed, \2 failed/p' "$log"
    exit $status
}

# Instructions by what the compiled crate says of them, formats by the source that it generates.
list_ops() {
    cargo_on build --features ops --bin ops || { say "the build failed: $log" && exit 1; }
    out=$(ls -t "$dir"/target/release/build/cranelift-codegen-*/out/opcodes.rs | head -n 1)
    { "$dir/target/release/ops" && awk -f "$here/ops_formats.awk" "$out"; } > "$dir/ops"
}

try() {
    why="$cargo is $is, too old: at least $least is wanted"
    younger "$is" "$least" || return 0
    echo "cranelift $version: building with cargo $is; this takes minutes"
    : > "$log"
    lock && build || { explain && return 0; }
    [ "$command" != test ] || test_it
    [ "$command" != ops ] || list_ops
    exit 0
}

# All that are in PATH now and were not tried.
try_all() {
    found=$("$here"/cargo.sh)
    newest=$( { echo 0 && echo "$found"; } | sed 's/.* //' | sort -V | tail -n 1)
    while read -r cargo is; do
        case $tried in *"$cargo $is;"*) continue ;; esac
        tried="$tried$cargo $is;"
        [ -z "$cargo" ] || try < /dev/null
    done << END
$found
END
}

tried=
why="there is no cargo (Debian's package: cargo-web)"
manifest
try_all
if [ "${NO_INSTALL:-0}" != 1 ] && CARGO_OVER=$newest "$here/setup.sh" cargo 2>> "$log"; then
    try_all
fi
say "$why"
exit 3
