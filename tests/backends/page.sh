# The back end of docs/writing-a-backend.md, as the page has it. To be sourced in the tree's folder.

# The code blocks of a language, one behind the other.
block() { # LANGUAGE
    awk -v want="$1" '/^```/ { on = !on && $0 == "```" want; next } on' docs/writing-a-backend.md
}

# Other processes in this folder; those that this shell starts to look do not count.
processes() {
    set -- /proc/[0-9]*/cwd
    ls -l "$@" 2> /dev/null | grep -v "/$$/cwd" | grep -q " $PWD\$"
}

# No process stays, and nothing in `tmp`. Killed ones need a moment to go.
gone() {
    while processes; do sleep 0.01; done
    [ -z "$(ls tmp)" ]
}

# library OUT.so SOURCE [FLAG...]: built from include/ alone
library() {
    out=$1 source=$2
    shift 2
    "${CC:-cc}" -Wall -Wextra -Werror -O1 -shared -fPIC -I include "$@" "$source" -o "$out"
}
