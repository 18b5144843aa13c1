#!/bin/sh
# `make fuzz`: runs build/tally_fuzzer for TIME seconds on a corpus that grows from run to run.
#
#   BUILD=build TIME=60 tools/fuzz.sh
#
# Corpus and findings are in build/corpus and build/findings. More options, as TALLY_OPTIONS, are
# added to those given here. The flags are those of fuzz/tally_fuzzer.options. Exit status 0: no
# finding; 77: a finding.
set -eu

corpus=$BUILD/corpus
findings=$BUILD/findings
mkdir -p "$corpus" "$findings"
export TALLY_OPTIONS="findings=$findings${TALLY_OPTIONS:+ $TALLY_OPTIONS}"
echo "fuzzing for $TIME seconds; corpus in $corpus, findings in $findings"

"$BUILD/tally_fuzzer" -max_total_time="$TIME" -artifact_prefix="$findings/" -print_final_stats=1 \
    -dict=fuzz/tally_fuzzer.dict -max_len=4096 -len_control=0 -timeout=25 -rss_limit_mb=2560 \
    "$corpus" "$BUILD/seeds" && status=0 || status=$?

case $status in
0) echo "no finding" ;;
77) echo "a finding: it is explained by \`$BUILD/tally repro FOLDER\`, with the FOLDER named above;" \
        "the whole input is $(ls -t "$findings"/crash-* 2>/dev/null | head -n 1)" ;;
*) echo "ended with exit status $status" ;;
esac
exit $status
