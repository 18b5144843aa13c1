# What a test in shell counts. To be sourced:
#
#   . "$(dirname "$0")/counts.sh"
#   check "exit status" [ "$status" = 0 ]    counts; prints the text and what `explain` says when not
#   finish                                   the last line, and the script's status
passed=0
failed=0

explain() { :; }

check() { # TEXT COMMAND...
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "WRONG: $what"
        explain
    fi
}

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
