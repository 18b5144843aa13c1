# Failed lines of `tally test` that no row of the table explains, or more than it says:
#
#   awk -v used=FILE -f explain.awk known.txt OUTPUT       appends rows that explain something to FILE

NR == FNR {
    if (/^#/ || NF < 4) next
    n++
    file[n] = $2
    most[n] = $3
    row[n] = $1 " " $2
    how[n] = $0
    sub(/^[^ ]+ +[^ ]+ +[^ ]+ +/, "", how[n])
    next
}

/: failed: / {
    for (k = 1; k <= n; k++)
        if (index($0, "/" file[k] ":") && match($0, ": failed: " how[k])) break
    if (k > n) print "unexplained: " $0
    else count[k]++
}

END {
    for (k = 1; k <= n; k++) {
        if (count[k] > most[k]) print count[k] " lines, not " most[k] ": " row[k]
        if (count[k]) print row[k] >> used
    }
}
