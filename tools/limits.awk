# Prints docs/limits.md from src/ir/limits.def.
BEGIN {
    print "# Limits\n\nMade by `make docs` from `src/ir/limits.def`. What a file may hold at the most; beyond that"
    print "the reader says which limit it is, exit status 2.\n\n| limit | most | unit | of what |\n| --- | ---: | --- | --- |"
}
/^LIMIT\(/ {
    sub(/^LIMIT\( */, ""); sub(/ *\)$/, "")
    split($0, part, ",")
    name = part[1]; most = part[2]
    gsub(/ /, "", name); gsub(/ /, "", most)
    match($0, /"[^"]*"/); unit = substr($0, RSTART + 1, RLENGTH - 2)
    rest = substr($0, RSTART + RLENGTH)
    match(rest, /"[^"]*"/); what = substr(rest, RSTART + 1, RLENGTH - 2)
    printf "| %s | %d | %s | %s |\n", name, most, unit, what
}
