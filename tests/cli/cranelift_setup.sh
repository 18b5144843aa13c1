#!/bin/sh
# tools/cranelift.sh where there is no cargo, one that is too old, or no registry: one line says
# so, and the exit status is one that nothing else has. Cargo and apt-get are made up.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
real_path=$PATH
unset NO_INSTALL
. "$(dirname "$0")/counts.sh"

explain() { echo "exit status $status" && cat "$dir/out" "$dir/err"; }
complained() { [ "$(wc -l < "$dir/err")" = 1 ] && grep -q -- "$1" "$dir/err"; }
called() { grep -q -- "$1" "$dir/calls"; }
built() { [ -s "$dir/build/backends/cranelift-$1.so" ]; }

# Everything of this machine but what compiles Rust and what installs.
machine() {
    rm -rf "$dir/bin" "$dir/build"
    mkdir "$dir/bin"
    for d in $(echo "$real_path" | tr : ' '); do ln -s "$d"/* "$dir/bin" 2>/dev/null || true; done
    for tool in cargo rustc sudo apt-get apt-cache id; do rm -f "$dir/bin/$tool"; done
    script bin/id "echo 0"
}
script() { # FILE COMMANDS
    rm -f "$dir/$1"
    printf '#!/bin/sh\n%s\n' "$2" > "$dir/$1"
    chmod +x "$dir/$1"
}

# A cargo of this version, that does what is said with its arguments.
cargo() { # FILE VERSION COMMANDS
    script "$1" "[ \"\$1\" != --version ] || { echo 'cargo $2 (a test)' && exit; }
        echo cargo $2 \"\$@\" >> $dir/calls
        $3"
}
locks='last=
    for word in "$@"; do
        [ "$last" != --manifest-path ] || : > "${word%/*}/Cargo.lock"
        [ "$last" != --target-dir ] || target=$word/release
        last=$word
    done
    [ -n "${target:-}" ] || exit 0'
works="$locks
    mkdir -p \$target && echo code > \$target/libtally_cranelift.so"
fails() { # MESSAGE
    echo "$locks
    echo '$1' >&2 && exit 101"
}

# An apt-get that installs a cargo of this version.
packages() { # VERSION COMMANDS
    script bin/apt-cache "exit 0"
    cargo debian "$1" "$2"
    script bin/apt-get "echo apt-get \$* >> $dir/calls
        case \$* in *'install -y'*cargo-web*) ln -sf $dir/debian $dir/bin/cargo ;; esac"
}

cranelift() { # VERSION VARIABLE=VALUE...
    version=$1
    shift
    : > "$dir/calls"
    env PATH="$dir/bin" BUILD="$dir/build" "$@" tools/cranelift.sh "$version" \
        > "$dir/out" 2> "$dir/err" && status=0 || status=$?
}

machine
cranelift 0.137.1
check "no cargo: one line" complained 'there is no cargo'
check "no cargo: exit status" [ "$status" = 3 ]

machine
cargo bin/cargo 1.40.0 "$works"
cranelift 0.137.1
check "an old cargo: one line" complained 'cargo is 1.40.0, too old'
check "an old cargo: exit status" [ "$status" = 3 ]
check "an old cargo is only asked what it is" [ ! -s "$dir/calls" ]

packages 1.96.0 "$works"
cranelift 0.137.1 NO_INSTALL=1
check "NO_INSTALL=1: one line" complained 'cargo is 1.40.0, too old'
check "NO_INSTALL=1 installs nothing" [ ! -s "$dir/calls" ]
mkdir "$dir/first"
cp "$dir/bin/cargo" "$dir/first/cargo"
rm "$dir/bin/cargo"
cranelift 0.137.1 PATH="$dir/first:$dir/bin"
check "an old cargo first in PATH: Debian's is installed" called 'install -y .*cargo-web'
check "and builds" built 0.137.1
check "exit status" [ "$status" = 0 ]
check "without a complaint" [ ! -s "$dir/err" ]

rm -rf "$dir/build"
cranelift 0.137.1 PATH="$dir/first:$dir/bin"
check "a younger cargo behind it builds" built 0.137.1
check "and nothing is installed" [ "$(grep -c apt-get "$dir/calls")" = 0 ]

machine
packages 1.85.0 "$works"
cargo bin/cargo 1.81.0 "$(fails 'error: feature edition2024 is required: try a newer version of Cargo')"
cranelift 0.121.2
check "one that turns out to be too old: Debian's builds" built 0.121.2
packages 1.70.0 "$works"
cargo bin/cargo 1.81.0 "$(fails 'error: it requires rustc 1.86')"
cranelift 0.122.0
check "and when Debian's is older still: one line" complained 'too old'
check "exit status" [ "$status" = 3 ]

machine
cargo bin/cargo 1.95.0 "$(fails 'error[E0425]: cannot find value')"
cranelift 0.137.1
check "a build that fails: one line" complained 'the build failed: .*log'
check "a build that fails: exit status" [ "$status" = 1 ]

# The cargo of this machine, in a world of its own.
if [ -n "$(PATH=$real_path tools/cargo.sh)" ]; then
    rm -rf "$dir/build"
    cranelift 0.137.1 PATH="$real_path" NO_INSTALL=1 CARGO_HOME="$dir/home" CARGO_NET_RETRY=0 \
        https_proxy=http://127.0.0.1:1 CARGO_HTTP_PROXY=http://127.0.0.1:1
    check "no registry: one line" complained 'no registry of crates can be reached'
    check "no registry: exit status" [ "$status" = 3 ]
fi

finish
