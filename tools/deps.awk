# Who may include whom: `#include "MODULE/..."` in src/ may only name modules below one's own.
#
#   awk -f tools/deps.awk src/*/*.[ch] src/*/*/*.[ch]

function row(module, below) { allowed[module] = " tally base " module " " below " " }

BEGIN {
    row("base", "")
    row("ir", "")
    row("gen", "ir")
    row("mutate", "ir")
    row("interp", "ir")
    row("jit", "ir")
    row("backend", "ir interp jit")
    row("oracle", "ir backend")
    row("reduce", "ir gen mutate backend oracle")
    row("campaign", "ir backend oracle")
    row("triage", "ir gen mutate interp jit backend oracle reduce campaign")
    row("cli", "ir gen mutate interp jit backend oracle reduce campaign triage fuzz")
}

FNR == 1 {
    split(FILENAME, part, "/")
    module = part[2]
    if (!(module in allowed)) {
        print FILENAME ": `" module "` is no module of DESIGN's"
        failed++
    }
}

/^#include "/ {
    split($2, quoted, "\"")
    split(quoted[2], path, "/")
    if (index(allowed[module], " " path[1] " ")) {
        passed++
    } else {
        print FILENAME ":" FNR ": " module " may not include " quoted[2]
        failed++
    }
}

END {
    printf "%d passed, %d failed\n", passed, failed
    exit failed > 0
}
