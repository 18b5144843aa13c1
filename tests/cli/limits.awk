# Prints a CLIF file in which `n` of what the row `limit` of ir/limits.def counts are there.
#
#   awk -v limit=blocks -v n=50001 -f tests/cli/limits.awk

function repeat(text, times, between,    k, out) {
    if (!times) return ""
    for (k = 1; k < times; k++) printf "%s%s", text, between
    printf "%s", text
}

function open(name) { print "function %" name "() {" }
function close_empty() { print "block0:\n    return\n}" }
function empty(name) { open(name); close_empty() }

BEGIN {
    ok = 1
    if (limit == "file_bytes") {
        printf "function %%f() {\nblock0:\n    return\n}\n"
        for (n -= 37; n > 101; n -= 100) printf ";%98s\n", ""
        printf ";%" (n - 2) "s\n", ""
    } else if (limit == "reader_bytes") {
        # the smallest instructions, as many as a function and a file may hold
        for (k = 0; k < 9; k++) {
            open("f" k)
            print "block0:"
            for (j = 0; j < 90000; j++) print "nop"
            print "return\n}"
        }
    } else if (limit == "functions") {
        for (k = 0; k < n; k++) empty("f" k)
    } else if (limit == "blocks") {
        open("f")
        for (k = 0; k < n; k++) print "block" k ":\n    return"
        print "}"
    } else if (limit == "values") {
        n-- # a `return` counts as one
        open("f")
        for (k = 0; n > 0; k++) {
            printf "block%d%s", k, k ? "(" : ":\n    return\n"
            if (!k) continue
            for (j = 0; j < 1000 && n > 0; j++) printf "%sv%d: i8", j ? "," : "", --n
            print "):\nreturn"
        }
        print "}"
    } else if (limit == "instructions") {
        open("f")
        print "block0:"
        for (k = 1; k < n; k++) print "nop"
        print "return\n}"
    } else if (limit == "params") {
        open("f")
        printf "    sig0 = ("
        repeat("i8", n, ", ")
        print ")"
        close_empty()
    } else if (limit == "results") {
        open("f")
        printf "    sig0 = () -> "
        repeat("i8", n, ", ")
        print ""
        close_empty()
    } else if (limit == "declarations") {
        open("f")
        for (k = 0; k < n; k++) print "    ss" k " = explicit_slot 8"
        close_empty()
    } else if (limit == "regions") {
        open("f")
        for (k = 0; k < n; k++) print "    region" k " = " k " \"r" k "\""
        close_empty()
    } else if (limit == "slot_bytes") {
        open("f")
        print "    ss0 = explicit_slot " n - 1000 "\n    ss1 = explicit_slot 1000"
        close_empty()
    } else if (limit == "alignment") {
        open("f")
        print "    ss0 = explicit_slot 8, align = " (n > 4096 ? 8192 : n)
        close_empty()
    } else if (limit == "table_entries") {
        print "function %f(i32) {\nblock0(v0: i32):"
        printf "    br_table v0, block1, ["
        repeat("block1", n, ", ")
        print "]\nblock1:\n    return\n}"
    } else if (limit == "heaps") {
        empty("f")
        for (k = 0; k < n; k++) print "; heap: <heap" k "> size=8"
    } else if (limit == "heap_bytes") {
        empty("f")
        print "; heap: <heap0> size=" n
    } else if (limit == "runs") {
        empty("f")
        for (k = 0; k < n; k++) print "; print: %f()"
    } else if (limit == "checks") {
        empty("f")
        print "; heap: <heap0> size=8\n; print: %f()"
        for (k = 0; k < n; k++) print "; check-heap: <heap0> == [00]"
    } else if (limit == "cells") {
        empty("f")
        printf "; heap: <heap0> size=%d, align=8", 8 * n
        for (k = 0; k < n; k++) printf ", cell %d = <heap0>", 8 * k
        print ""
    } else if (limit == "contract_depth") {
        print "function %f(i64) {\nblock0(v0: i64):\n    return\n}"
        printf "; address: %%f 0 range=0..8"
        for (k = 0; k < n; k++) printf ", cell 0 = (range=0..8"
        repeat(")", n, "")
        print ""
    } else if (limit == "address_range") {
        print "function %f(i64) {\nblock0(v0: i64):\n    return\n}"
        print "; address: %f 0 range=0.." n
    } else {
        print "no file is made for the limit " limit > "/dev/stderr"
        ok = 0
    }
    exit !ok
}
