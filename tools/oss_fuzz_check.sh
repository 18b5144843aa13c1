#!/bin/sh
# Builds as OSS-Fuzz does and looks at what its check of a build looks at.
#
#   BUILD=build tools/oss_fuzz_check.sh [ENGINE-SANITIZER]...
#
# ENGINE is libfuzzer or afl, SANITIZER address or undefined; default: all four. Afterwards $OUT is
# moved, and the programs run in / without HOME. Conditions are those of base-runner's
# bad_build_check and test_all.py.
set -eu

root=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

check() { # CONDITION-AS-ARGUMENTS-OF-test -- TEXT
    condition=
    while [ "$1" != -- ]; do condition="$condition $1" && shift; done
    shift
    if [ $condition ]; then
        passed=$((passed + 1)) && echo "  ok    $*"
    else
        failed=$((failed + 1)) && echo "  WRONG $* (wanted:$condition)"
    fi
}

# The flags that OSS-Fuzz compiles with.
common="-O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"
flags_address="-fsanitize=address -fsanitize-address-use-after-scope"
ub=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return
ub=$ub,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound,vptr
flags_undefined="-fsanitize=$ub,unsigned-integer-overflow -fno-sanitize-recover=$ub"

# How OSS-Fuzz runs its programs.
options=handle_segv=1:handle_sigill=1:handle_abort=1:use_sigaltstack=1
options=$options:detect_stack_use_after_return=1:detect_leaks=1:allocator_may_return_null=1
clean() {
    env -i PATH="$PATH" ASAN_OPTIONS="$options:symbolize=0$extra" \
        UBSAN_OPTIONS="silence_unsigned_overflow=1:handle_abort=1:symbolize=0$extra" "$@"
}

build() { # ENGINE SANITIZER
    eval "flags=\$flags_$2"
    case $1 in
    libfuzzer)
        CC=clang CXX=clang++ library=-fsanitize=fuzzer flags="$flags -fsanitize=fuzzer-no-link" ;;
    afl)
        CC=afl-clang-fast CXX=afl-clang-fast++ library=$work/libFuzzingEngine.a
        cp /usr/lib/afl/libAFLDriver.a "$library" ;;
    esac
    mkdir -p "$work/src" "$work/$1-$2/out" "$work/$1-$2/work"
    ln -sfn "$root" "$work/src/tally"
    AFL_QUIET=1 CC=$CC CXX=$CXX CFLAGS="$common $flags" CXXFLAGS="$common $flags" \
        LIB_FUZZING_ENGINE=$library SRC=$work/src WORK=$work/$1-$2/work OUT=$work/$1-$2/out \
        MAKEFLAGS= bash fuzz/oss-fuzz/build.sh
    mv "$work/$1-$2/out" "$work/$1-$2/moved"
}

calls() { objdump -dC "$1" | grep -Ec "callq?\s+[0-9a-f]+\s+<$2"; }

# What each sanitizer may and must be called; afl with undefined is not judged there.
contents() { # PROGRAM ENGINE SANITIZER
    check "$(file -b "$1" | grep -c x86-64)" = 1 -- "architecture: $(file -b "$1" | cut -d, -f2)"
    asan=$(calls "$1" __asan || true) ubsan=$(calls "$1" __ubsan || true)
    msan=$(calls "$1" __msan || true) dfsan=$(calls "$1" __dfsan || true)
    case $3-$2 in
    address-*)
        check "$asan" -ge 1000 -- "__asan calls: $asan"
        check "$ubsan" -le 200 -- "__ubsan calls: $ubsan" ;;
    undefined-libfuzzer)
        check "$asan" = 0 -- "__asan calls: $asan"
        check "$ubsan" -ge 168 -- "__ubsan calls: $ubsan" ;;
    undefined-afl) echo "        __asan calls: $asan, __ubsan calls: $ubsan" ;;
    esac
    check "$msan" -le 3 -- "__msan calls: $msan"
    check "$dfsan" = 0 -- "__dfsan calls: $dfsan"
    strange=$(ldd "$1" | awk '{ print $1 }' |
        grep -Ev '/ld-linux|vdso|^lib(c|m|rt|dl|pthread|gcc_s|stdc\+\+|resolv)\.so' || true)
    check "x$strange" = x -- "shared libraries of the system only"
}

# How many inputs of these are in the archive: none got lost.
archive() { # ZIP INPUTS
    listed=$(zip -sf "$1" 2>/dev/null | sed -n 's/^Total \([0-9]*\) entries.*/\1/p')
    check "${listed:-0}" = "$2" -- "$(basename "$1"): $listed inputs"
}

# Flags that the runner makes of a program's options file and dictionary.
flags() { # PROGRAM
    sed -n '/^\[libfuzzer\]/,/^\[[^l]/s/^\([a-z_]*\) *= *\(.*\)/-\1=\2/p' "$1.options"
    [ ! -e "$1.dict" ] || echo "-dict=$1.dict"
}

startup_libfuzzer() { # PROGRAM
    mkdir -p "$1_corpus"
    (cd / && clean "$1" -rss_limit_mb=2560 -timeout=25 $(flags "$1") -seed=1337 -runs=4 "$1_corpus") \
        > "$1.log" 2>&1 && status=0 || status=$?
    edges=$(sed -n 's/^INFO: Loaded .* modules *(\([0-9]*\) .*/\1/p' "$1.log" | head -n 1)
    done=$(grep -c '^Done 4 runs' "$1.log" || true)
    check "$status" = 0 -- "exit status: $status"
    check "${edges:-0}" -ge 100 -- "edges: ${edges:-none}"
    check "$done" = 1 -- "-seed=1337 -runs=4: $(grep '^Done' "$1.log" || tail -n 1 "$1.log")"
    check "$(grep -c 'no interesting inputs' "$1.log")" = 0 -- "instrumented"
    check "$(grep -c 'unrecognized flag' "$1.log")" = 0 -- "options:" $(flags "$1" | sed 's|=/.*/|=|')
}

startup_afl() { # PROGRAM
    mkdir -p "$1_in"
    echo 1 > "$1_in/seed"
    extra=:abort_on_error=1
    (cd / && clean AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_FORKSRV_INIT_TMOUT=30000 \
        AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_IGNORE_UNKNOWN_ENVS=1 \
        timeout 300 afl-fuzz -m none -t 5000+ -E 200 -i "$1_in" -o "$1_afl" -- "$1") \
        > "$1.log" 2>&1 || true
    extra=
    ready=$(grep -ac 'All set and ready to roll' "$1.log" || true)
    check "$ready" = 1 -- "afl-fuzz: $(grep -ao 'All set and ready to roll' "$1.log" || tail -n 2 "$1.log")"
    died=$(grep -acE 'target binary (crashed|terminated)' "$1.log" || true)
    check "$died" = 0 -- "target crashed or ended early: $died"
    edges=$(sed -n 's/^total_edges *: //p' "$1_afl/default/fuzzer_stats" 2>/dev/null || true)
    check "${edges:-0}" -ge 100 -- "edges: ${edges:-none}"
}

inputs() { find corpus/seeds -type f ! -name '*.words' | wc -l; }
texts() { # functions and cases
    { find corpus -name '*.clif'; grep -rh --include='*.clif' '^function' tests; } | wc -l
}

extra=
[ $# != 0 ] || set -- libfuzzer-address libfuzzer-undefined afl-address afl-undefined
for config in "$@"; do
    engine=${config%-*} sanitizer=${config#*-}
    echo "$config"
    build "$engine" "$sanitizer"
    out=$work/$config/moved
    targets=$(grep -l LLVMFuzzerTestOneInput "$out"/* | sort)
    check "$(echo "$targets" | wc -l)" = "$(ls fuzz/*_fuzzer.c | wc -l)" -- "targets:" $(basename -a $targets)
    for name in tally decoder; do archive "$out/${name}_fuzzer_seed_corpus.zip" "$(inputs)"; done
    archive "$out/reader_fuzzer_seed_corpus.zip" "$(texts)"
    for target in $targets; do
        echo " $(basename "$target")"
        contents "$target" "$engine" "$sanitizer"
        "startup_$engine" "$target"
    done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
