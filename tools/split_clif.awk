# Cuts CLIF files into small ones, each with one function and what stands before the first. Prose is
# left out: comments that begin with a capital letter, expected messages.
#
#   awk -v dir=DIR -f tools/split_clif.awk FILE...

FNR == 1 {
    header = ""
    functions = 0
    name = FILENAME
    gsub(/\//, "_", name)
}
/^; [A-Z]/ { next }
{ sub(/ ; (error|warning|unsupported): .*/, "") }
/^function/ {
    if (out) close(out)
    out = sprintf("%s/%04d_%s", dir, ++functions, name)
    printf "%s", header > out
}
functions == 0 { header = header $0 "\n"; next }
{ print > out }
