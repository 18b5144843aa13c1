#!/bin/bash -eu
# Builds the fuzz programs into $OUT, with the compilers, flags and engine of the environment:
# CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE, SRC, WORK, OUT, as OSS-Fuzz and ClusterFuzzLite set
# them. `make oss-fuzz-check` runs it locally.

cd "${SRC:?}/tally"
build=$WORK/tally
programs=$(basename -s .c -a fuzz/*_fuzzer.c)

make -s -j"$(nproc)" BUILD="$build" CC="$CC" LINK="$CXX" OPT= EXTRA_CFLAGS="$CFLAGS -O2" \
    EXTRA_LDFLAGS="$CXXFLAGS" ENGINE="$LIB_FUZZING_ENGINE" \
    $(for program in $programs; do echo "$build/fuzz/$program"; done) \
    "$build/texts" "$build/clif.dict"

for program in $programs; do cp "$build/fuzz/$program" "$OUT/"; done
cp fuzz/*.options "$OUT/"
cp "$build/clif.dict" "$OUT/reader_fuzzer.dict"
for program in tally_fuzzer decoder_fuzzer; do cp fuzz/tally_fuzzer.dict "$OUT/$program.dict"; done

# Inputs only: beside each seed stands a list of words that its case must contain.
find corpus/seeds -type f ! -name '*.words' | sort | zip -q "$OUT/tally_fuzzer_seed_corpus.zip" -@
cp "$OUT/tally_fuzzer_seed_corpus.zip" "$OUT/decoder_fuzzer_seed_corpus.zip"
find "$build/texts" -type f | sort | zip -q -j "$OUT/reader_fuzzer_seed_corpus.zip" -@
