# The house style, as far as a machine can see it. Run with LC_ALL=C.
#
#   awk -f tools/style.awk FILE...
#
# One complaint a line; the last line counts files. A function begins with the line that is `{` and
# ends with the line that is `}`; its length counts the signature's last line too.

function complain(text) {
    print FILENAME ":" FNR ": " text
    bad[FILENAME] = 1
}

function end_of_file() {
    if (file == "") return
    if (lines > 1000 && file ~ /\.[chS]$/) {
        print file ": " lines " lines, cap 1000"
        bad[file] = 1
    }
    files++
}

BEGIN {
    # Libraries and argp hand out memory of their own.
    may_free["src/oracle/describe.c"] = "jansson's text"

    hosts = "crates[.]io|docs[.]rs|pypi[.]org|npmjs[.]|deb[.]debian[.]|archive[.]ubuntu|proxy[.]golang|maven[.]org"
    paths = "/wor" "k/|/roo" "t/|/tmp/" "h/|[.]cargo/regis" "try"
}

FNR == 1 {
    end_of_file()
    file = FILENAME
    source = FILENAME ~ /^(src|fuzz|include|tests)\/.*\.[chS]$/
    body = 0
}

{ lines = FNR }

$0 ~ hosts { complain("names a host of a package registry") }
$0 ~ paths { complain("names a path of one machine") }

!source { next }

{
    shown = $0
    gsub(/[\200-\277]/, "", shown) # the continuation bytes of UTF-8
    if (length(shown) > 100) complain(length(shown) " columns, cap 100")
}

/[ \t]$/ { complain("space at the end of the line") }
/\t/ && !/\.S$/ { complain("a tab") }

/(^|[^a-zA-Z0-9_])free\(/ && FILENAME ~ /^src/ && FILENAME !~ /^src\/base\// {
    if (!(FILENAME in may_free)) complain("free outside base")
}
# Best effort: cases that are names are those of an enumeration.
/^ *switch \(/ { named = numbered = 0 }
/^ *case [A-Z]/ { named = 1 }
/^ *case [^A-Z]/ { numbered = 1 }
/^ *default:/ && named && !numbered && FILENAME ~ /^(src|fuzz)/ {
    complain("`default` in a switch over an enumeration")
}
/case OP_/ && FILENAME ~ /^(src|fuzz)/ && FILENAME !~ /^src\/(interp|jit)\// {
    complain("dispatch on the opcode: a column is missing in ir/ops.def")
}

/^\{$/ { body = FNR }
/^\}$/ && body {
    n = FNR - body + 2
    functions++
    if (n >= 60) long++
    if (n > 100) complain("a function of " n " lines, cap 100")
    body = 0
}

END {
    end_of_file()
    for (name in bad) failed++
    if (long * 20 > functions) {
        print long " of " functions " functions have 60 lines or more: over 5 %"
        failed++
    }
    printf "%d passed, %d failed\n", files - failed, failed
    exit failed > 0
}
