# Sourced by tests of bad input, which set `tally`, `within` and `dir`, a folder of their own.
passed=0
failed=0

right() { passed=$((passed + 1)); }
wrong() {
    failed=$((failed + 1))
    echo "WRONG: $*"
    head -c 600 "$dir/err" && echo
}

# expect STATUS PATTERN COMMAND...: exit status within the limits, and a line of stderr (`-` for none
# at all)
expect() {
    want=$1 pattern=$2
    shift 2
    $within "$@" > "$dir/out" 2> "$dir/err" < /dev/null && status=0 || status=$?
    if [ "$status" != "$want" ]; then wrong "exit status $status, not $want: $*"
    elif [ "$pattern" = - ] && [ -s "$dir/err" ]; then wrong "messages: $*"
    elif [ "$pattern" != - ] && ! grep -aqE -e "$pattern" "$dir/err"; then
        wrong "no message like /$pattern/: $*"
    else right
    fi
}

# The same of every subcommand that reads a case.
expect_all() { # STATUS PATTERN FILE
    for command in show run test repro explain; do expect "$1" "$2" "$tally" "$command" "$3"; done
}

# A user without rights reads FILE.
expect_denied() { # COMMAND... FILE
    chmod 755 "$dir"
    if [ "$(id -u)" = 0 ]; then
        expect 2 'error: Permission denied' setpriv --reuid=65534 --clear-groups -- "$@"
    else
        expect 2 'error: Permission denied' "$@"
    fi
}

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
