#!/bin/sh
# What building, testing and fuzzing need, and how to get it.
#
#   tools/setup.sh [WHAT]             installs what is missing: Debian and Ubuntu, as root or by
#                                     `sudo -n`
#   tools/setup.sh --check [WHAT]     only says what is missing; exit status 1 when something is
#
# WHAT is `build` for build/tally alone, `check` (default) for everything but `make check-all`,
# `check-all`, or `cargo` for one that is younger than version $CARGO_OVER.
#
# Every part is found by trying it, never by asking the package manager. The command that installs
# is printed before it runs. NO_INSTALL=1 never installs. Where there is no apt-get the names are
# printed; the exit status is 0 when nothing is missing.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }
header() { echo "#include <$1>" | gcc -E -x c - -o /dev/null 2>/dev/null; }
library() { [ "$(gcc -print-file-name="$1" 2>/dev/null)" != "$1" ] && have gcc; }

# Can clang link a fuzz target with both sanitizers? Their run-time libraries may be a package of
# their own.
runtimes() {
    have clang && printf '%s\n' '#include <stddef.h>' \
        'int LLVMFuzzerTestOneInput(const unsigned char *d, size_t n) { return d[n] & 0; }' |
        clang -fsanitize=fuzzer,address,undefined -x c - -o /dev/null 2>/dev/null
}

# The package that holds the run-time libraries of the clang that apt-get would install.
runtime_package() {
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')
    name=libclang-rt-${version:-14}-dev
    [ -z "$version" ] || apt-cache show "$name" >/dev/null 2>&1 || name=libclang-common-$version-dev
    echo "$name"
}

missing=
need() { missing="$missing $1"; }

# What build/tally needs.
find_missing_to_build() {
    missing=
    have gcc || need gcc
    header stdio.h || need libc6-dev
    header xxhash.h || need libxxhash-dev
    header jansson.h && library libjansson.a || need libjansson-dev
    header Zydis/Zydis.h && library libZydis.so || need libzydis-dev
}

find_missing() {
    find_missing_to_build
    have make || need make
    have git || need git
    have ar && have objdump && have readelf || need binutils
    have file || need file
    have zip || need zip
    have clang || need clang
    runtimes || need "$(runtime_package)"
    have llvm-symbolizer || need llvm
    have afl-clang-fast && have afl-fuzz && have afl-showmap || need afl++
    header libtcc.h && library libtcc.a || need libtcc-dev
    printf '#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n%s\n' \
        '#include <cmocka.h>' | gcc -E -x c - -o /dev/null 2>/dev/null || need libcmocka-dev
}

find_cargo() {
    missing=
    newest=$( { echo "${CARGO_OVER:-0}" && tools/cargo.sh | sed 's/.* //'; } | sort -V | tail -n 1)
    [ "$newest" != "${CARGO_OVER:-0}" ] || need cargo-web
}

# The one command. Package lists that do not know the names are fetched first, and so are all when
# the installation has failed once: they may be old.
install_command() { # PREFIX [refresh]
    install="--no-install-recommends $missing"
    if [ -n "${2:-}" ] || ! apt-get -s install $install >/dev/null 2>&1; then
        printf '%s' "$1apt-get update && "
    fi
    echo "$1env DEBIAN_FRONTEND=noninteractive apt-get install -y $install"
}

install_missing() { # [refresh]
    as=
    if [ "$(id -u)" != 0 ]; then
        if ! have sudo || ! sudo -n true 2>/dev/null; then
            echo "tally: neither root nor sudo without a password; as root, run:" >&2
            echo "  $(install_command "")" >&2
            exit 1
        fi
        as="sudo -n "
    fi
    command=$(install_command "$as" "$@")
    echo "+ $command"
    eval "$command"
}

find_what() {
    case $what in
    build) find_missing_to_build ;;
    check) find_missing ;;
    cargo) find_cargo ;;
    check-all) find_missing && { have valgrind || need valgrind; } ;;
    *) echo "tally: set up what? $what" >&2 && exit 2 ;;
    esac
    missing=${missing# }
}

only_check=0
[ "${1:-}" != --check ] || { only_check=1 && shift; }
what=${1:-check}
find_what
[ -n "$missing" ] || exit 0
if [ $only_check = 1 ]; then
    echo "missing: $missing; to install: tools/setup.sh"
    exit 1
fi
if [ "${NO_INSTALL:-0}" = 1 ] || ! have apt-get; then
    echo "tally: missing (names of Debian's packages): $missing" >&2
    exit 1
fi
echo "tally: missing: $missing"
install_missing || true
find_what
[ -z "$missing" ] || { install_missing refresh || true; find_what; } # names depend on the lists
[ -z "$missing" ] || { echo "tally: still missing after the installation: $missing" >&2; exit 1; }
