# Writes the blocks of a page that are files of one kind, each into a file of its own.
#
#   awk -v kind=clif -v dir=DIR -f tools/md_blocks.awk PAGE

/^```/ {
    if (out) close(out)
    out = !out && $0 == "```" kind ? sprintf("%s/line-%d.%s", dir, FNR + 1, kind) : ""
    next
}
out { print > out }
