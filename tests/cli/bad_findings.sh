#!/bin/sh
# Folders of findings that are damaged or made up: a message that names the file and exit status 2,
# or, where the finding can still be shown, a note; within 64 MiB and ten seconds.
#
#   tests/cli/bad_findings.sh TALLY_PLANTED WITHIN MEGABYTES
set -eu

tally=$1
within="$2 $3 10"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. tests/cli/expect.sh
export TALLY_PLANT=undefined/8

TALLY_OPTIONS="backend=interp,jit:none:sse2:planted" \
    "$tally" fuzz --stop --executions 2000 --findings "$dir/findings" > "$dir/out" 2>&1 || true
whole=$(echo "$dir"/findings/*)
folder=$dir/folder

again() { # a folder to damage
    chmod -R u+rwx "$folder" 2>/dev/null || true
    rm -rf "$folder"
    cp -r "$whole" "$folder"
}
edit() { again && sed "$1" "$whole/finding.json" > "$folder/finding.json"; } # SED-SCRIPT
bad() { expect 2 "folder/$1" "$tally" repro "$folder"; } # PATTERN of what follows the folder
shows() { # PATTERN of a line of output
    expect 1 - "$tally" repro "$folder"
    if grep -aqE -e "$1" "$dir/out"; then right; else wrong "no line like /$1/"; fi
}

again && shows '^shows'

# finding.json that is none
json='finding.json: error: '
at='finding.json:[0-9]+:[0-9]+: error: '
again && rm "$folder/finding.json" && bad "$json"
again && rm "$folder/finding.json" && mkdir "$folder/finding.json" && bad "$json.*directory"
again && : > "$folder/finding.json" && bad "$at"
again && head -c 300 "$whole/finding.json" > "$folder/finding.json" && bad "$at"
again && echo '[]' > "$folder/finding.json" && bad "$json.*missing"
again && echo '{}' > "$folder/finding.json" && bad "$json.*missing"
again && printf '{"signature": "\377"}' > "$folder/finding.json" && bad "$at"
again && printf '{"signature": "\\u0000"}' > "$folder/finding.json" && bad "$at"
again && yes '[' | head -n 100000 | tr -d '\n' > "$folder/finding.json" && bad "$at.*depth"
again && yes '[],' | head -n 80000 | tr -d '\n' > "$folder/finding.json" && bad "$at"
again && { printf '['; yes '[],' | head -n 80000 | tr -d '\n'; printf '1]'; } > "$folder/finding.json" &&
    bad "$json.*missing"
again && head -c 300000 /dev/zero | tr '\0' ' ' > "$folder/finding.json" && bad "$json.*limit"
again && chmod 0 "$folder/finding.json" && chmod -R a+rX "$dir/findings" && chmod 755 "$folder" &&
    expect_denied "$tally" repro "$folder"

# finding.json that says what cannot be
edit 's/"signature": "[^"]*"/"signature": 7/' && bad "$json.*missing"
edit 's/"verdict": {/"verdict": [], "x": {/' && bad "$json.*missing"
edit 's/"configurations": \[/"configurations": {}, "x": [/' && bad "$json.*missing"
edit 's/"format": [0-9]*/"format": 99999999999999999999999/' && bad "$at"
edit 's/"options": "[^"]*"/"options": "nonsense"/' && bad '?: error: unknown option'
edit 's/"options": "[^"]*"/"options": "fuel=99999999999999999999"/' && bad '?: error: unknown option'
edit 's/"name": "interp"/"name": "nonsense"/' &&
    expect 2 'no back end is called `nonsense`' "$tally" repro "$folder"
edit 's/"name": "interp"/"name": 7/' && expect 2 'no back end is called' "$tally" repro "$folder"
edit 's/"cpu_features": ""/"cpu_features": "avx9"/' && shows '^note: .*avx9'
edit 's/"format": [0-9]*/"format": "x"/; s/"case_hash": "[^"]*"/"case_hash": "zz"/' &&
    shows '^note: .*case.clif is not as it was saved'

# the case
again && rm "$folder/input" "$folder/README" && shows '^shows'
again && rm "$folder/case.clif" && shows '^shows'
again && rm "$folder/input" "$folder/case.clif" && bad 'case.clif: error: No such file'
again && rm "$folder/input" && : > "$folder/case.clif" && bad 'case.clif:1:1: error: '
again && : > "$folder/input" && shows '^note: .*case.clif is used'
again && head -c 17000000 /dev/zero > "$folder/input" && shows '^shows'
again && rm "$folder/input" "$folder/case.clif" && mkdir "$folder/input" "$folder/case.clif" &&
    bad 'case.clif: error: .*directory'

# no folder of a finding
mkdir "$dir/none"
expect 2 'none/finding.json: error: ' "$tally" repro "$dir/none"
expect 2 'missing: error: No such file' "$tally" repro "$dir/missing"
finish
