#!/bin/sh
# Every subcommand's --help has an example, and the example works.
#
#   tests/cli/help.sh BUILD
set -eu

build=$(cd "$1" && pwd)
commands=$(sed -n 's/^COMMAND( *\([a-z_]*\),.*/\1/p' src/cli/commands.def | tr _ -)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

# What the examples speak of: a program, a case, a finding.
mkdir -p "$dir/bin" "$dir/corpus/regressions"
ln -s "$build/tally" "$dir/bin/tally"
PATH=$dir/bin:$PATH
cd "$dir"
tally gen --seed 1 > corpus/regressions/a.clif
export ARGP_HELP_FMT=rmargin=500

# By planted code, which the plain program does not have.
make_finding() { # FOLDER
    rm bin/tally
    ln -s "$build/tally_planted" bin/tally
    export TALLY_PLANT=undefined/1
    TALLY_OPTIONS="backend=interp,jit:none:sse2:planted" \
        tally fuzz --stop --executions 1000 --findings made > /dev/null && true
    mkdir findings
    mv made/* "$1"
}

for command in $commands; do
    example=$(tally "$command" --help | sed -n 's/^Example: //p')
    finding=$(echo "$example" | grep -o 'findings/[^ ]*' || true)
    [ -z "$finding" ] || [ -d "$finding" ] || make_finding "$finding"
    case $command in
    repro | reduce | explain | bisect) want=1 ;;
    *) want=0 ;;
    esac
    sh -c "$example" > out 2>&1 && status=0 || status=$?
    if [ -n "$example" ] && [ "$status" = "$want" ] && [ -s out ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "WRONG: exit status $status of: $example"
        head -n 5 out
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
