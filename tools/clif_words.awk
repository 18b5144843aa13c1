# Prints the words of CLIF that stand in tables, a line each: what a fuzzer of texts should know,
# and what its seeds must have.
#
#   awk -f tools/clif_words.awk src/ir/*.def

# How the words of a table stand in a text; `@` is the word, the first column or what it quotes.
BEGIN {
    split("OP TYPE INTCC FLOATCC CALLCONV MEMFLAG ATOMIC TRAP OLDER OLDER_REGION OLDER_TRAP " \
          "NEWER_WORD", plain, " ")
    for (k in plain) form[plain[k]] = "@"
    form["LIBCALL"] = "%@"
    form["SETTING"] = "set @"
    quoted["ENTITY"] = "@0"
    quoted["DIRECTIVE"] = "; @:"
}

function print_word(shape, word) {
    sub(/@/, word, shape)
    if (word != "" && !seen[shape]++) print shape
}

function first_quoted(text) {
    return match(text, /"[^"]*"/) ? substr(text, RSTART + 1, RLENGTH - 2) : ""
}

/^[A-Z]/ {
    for (rest = $0; match(rest, /^ *[A-Z0-9_]+\( *[^ ,)]+/); sub(/^[^)]*\) */, "", rest)) {
        split(substr(rest, RSTART, RLENGTH), part, /[ (]+/)
        if (part[1] in form) print_word(form[part[1]], part[2])
        if (part[1] in quoted) print_word(quoted[part[1]], first_quoted(rest))
        if (part[1] == "TRAP") print_word("@", first_quoted(rest)) # an older spelling
    }
}
