/* The discipline's rules, each kept and broken: what is initialised, objects, regions, cells,
 * constancy, lifetimes, placement of slots, contracts, and numbers that mean nothing elsewhere. */
#include "text.h"

_Alignas(256) uint8_t text_memory[TEXT_HEAPS][TEXT_HEAP_BYTES];

typedef struct {
    const char *body;   /* of %f, which may call %g(i64, i64) */
    const char *reason; /* of being invalid; NULL: valid */
} Row;

/* `first` adds to the first heap, `callee` is the body of %g, `purpose` its first parameter's,
 * `contracts` what it assumes. */
typedef struct {
    const char *first, *callee, *contracts, *purpose;
} Setting;

static const char *case_text(char *out, size_t size, const Setting *s, const char *body)
{
    const char *purpose = s->purpose ? s->purpose : "";
    snprintf(out, size,
             "function %%f(i64, i64, i64) -> i64 {\n"
             "    region0 = 4 \"four\"\n"
             "    region1 = 5 \"five\"\n"
             "    ss0 = explicit_slot 32, align = 16\n"
             "    ss1 = explicit_slot 16, align = 8\n"
             "    ss2 = explicit_slot 7\n"
             "    fn0 = %%g(i64 %s, i64) -> i64\n"
             "block0(v0: i64, v1: i64, v2: i64):\n"
             "    v3 = iconst.i64 0\n"
             "    v4 = stack_addr.i64 ss0\n"
             "    v5 = stack_addr.i64 ss1\n"
             "    v6 = stack_addr.i64 ss2\n"
             "%s"
             "    return v3\n"
             "}\n"
             "; heap: <heap0> size=64, align=16%s\n"
             "; heap: <heap1> size=32, align=16\n"
             "; heap: <heap2> size=16, align=16, fault\n"
             "; print: %%f(<heap0>, <heap1>, <heap2>)\n"
             "function %%g(i64 %s, i64) -> i64 {\n"
             "    region0 = 4 \"four\"\n"
             "    ss0 = explicit_slot 8\n"
             "block0(v0: i64, v1: i64):\n"
             "    v2 = iconst.i64 0\n"
             "    v3 = stack_addr.i64 ss0\n"
             "%s"
             "    return v2\n"
             "}\n"
             "%s"
             "; discipline: addresses\n",
             purpose, body, s->first, purpose, s->callee, s->contracts);
    return out;
}

static void check_rows(const Row *rows, size_t n, Setting s)
{
    Text t = text_open();
    char text[4096];
    if (!s.first) s.first = "";
    if (!s.callee) s.callee = "";
    if (!s.contracts) s.contracts = "";
    for (size_t k = 0; k < n; k++)
        text_check(&t, case_text(text, sizeof text, &s, rows[k].body), rows[k].reason, TRAP_none);
    text_close(&t);
}

#define LINE(text) "    " text "\n"

static void slots_start_uninitialised(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("store v3, v4") LINE("v7 = load.i64 v4"), NULL},
        {LINE("v7 = load.i64 v4"), "never written"},
        {LINE("store v3, v4") LINE("v7 = load.i32 v4+5"), "never written"},
        {LINE("store v3, v4") LINE("v7 = load.i32 v4+4"), NULL},
        {LINE("istore8 v3, v4+8") LINE("store v3, v4") LINE("v7 = load.i64 v4+1"), NULL},
        {LINE("store v3, v4") LINE("store v3, v4+8") LINE("v7 = load.i8x16 v4"), NULL},
        {LINE("store v3, v4") LINE("istore32 v3, v4+8") LINE("v7 = load.i8x16 v4"),
         "never written"},
        {LINE("v7 = load.i8x16 v0"), NULL}, /* heaps are initialised */
        {LINE("v7 = atomic_load.i64 v4"), "never written"},
        {LINE("v7 = splat.i64x2 v3") LINE("store v7, v4+8") LINE("v8 = load.i64 v4+16"), NULL},
        {LINE("v7 = splat.i64x2 v3") LINE("store v7, v4+8") LINE("v8 = load.i64 v4+1"),
         "8 bytes at 0x"},
        {LINE("v7 = splat.i64x2 v3") LINE("store v7, v4+8") LINE("v8 = load.i64 v4+17"),
         "a slot"},
    };
    check_rows(rows, countof(rows), (Setting){0});
}

/* Under discipline a slot is aligned as it says and no better, and its neighbours are far. */
static void slots_stand_alone(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("istore32 v3, v4+28"), NULL},
        {LINE("istore32 v3, v4+32"), "outside of any live slot"},
        {LINE("istore8 v3, v4-1"), "outside of any live slot"},
        {LINE("istore8 v3, v6+7"), "outside of any live slot"},
        {LINE("v7 = splat.i64x2 v3") LINE("store aligned v7, v4+16"), NULL},
        {LINE("v7 = splat.i64x2 v3") LINE("store v7, v5"), NULL},
        {LINE("v7 = splat.i64x2 v3") LINE("store aligned v7, v5"), "claims an alignment"},
        {LINE("istore16 aligned v3, v6"), "claims an alignment"},
        {LINE("istore32 aligned v3, v5+4"), NULL},
    };
    check_rows(rows, countof(rows), (Setting){0});
}

/* What leads from the first slot exactly to the second. */
#define TO_NEXT LINE("v7 = isub v5, v4") LINE("v8 = iadd v4, v7")
#define STRAYS "another object than the one"
#define NO_ADDRESS "derived from no object"

static void accesses_stay_in_their_object(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("store v3, v5") TO_NEXT LINE("v9 = load.i64 v8"), STRAYS},
        {LINE("store v3, v5") TO_NEXT LINE("v9 = uload8.i64 v8+4"), STRAYS},
        {TO_NEXT LINE("store v3, v8"), STRAYS},
        {TO_NEXT LINE("istore8 v3, v8+15"), STRAYS},
        {TO_NEXT LINE("istore8 v3, v8+16"), "outside of any live slot"},
        {TO_NEXT LINE("atomic_store v3, v8"), STRAYS},
        {TO_NEXT LINE("v9 = isub v8, v7") LINE("store v3, v9"), NULL}, /* there and back */
        {LINE("v7 = isub v1, v0") LINE("v8 = iadd v0, v7") LINE("v9 = load.i64 v8"), STRAYS},
        {LINE("v7 = isub v0, v1") LINE("v8 = iadd v7, v1") LINE("store v3, v8"), STRAYS},
        {LINE("v7 = isub v2, v1") LINE("v8 = iadd v1, v7") LINE("store v3, v8"), STRAYS},
        {LINE("v7 = isub v4, v1") LINE("v8 = iadd v1, v7") LINE("store v3, v8"), STRAYS},
        {LINE("v7 = isub v1, v4") LINE("v8 = iadd v4, v7") LINE("store v3, v8"), STRAYS},
    };
    check_rows(rows, countof(rows), (Setting){0});
    static const Row callee[] = {
        {LINE("v7 = isub v1, v0") LINE("v8 = call fn0(v0, v7)"), STRAYS},
        {LINE("v8 = call fn0(v0, v3)"), NULL},
        {LINE("v8 = call fn0(v3, v0)"), NULL},
    };
    check_rows(callee, countof(callee), (Setting){.callee = LINE("v4 = iadd v0, v1")
                                                            LINE("store v2, v4")});
}

/* Ways on which an address stays one of its object, and others. */
static void addresses_are_derived(void **state)
{
    (void)state;
#define NUMBERS LINE("v10 = iconst.i64 8") LINE("v11 = iconst.i64 -16") LINE("v12 = iconst.i64 15")
#define STORE LINE("store v3, v9")
    static const Row rows[] = {
        {NUMBERS LINE("v9 = iadd v0, v10") STORE, NULL},
        {NUMBERS LINE("v9 = iadd v10, v0") STORE, NULL},
        {NUMBERS LINE("v8 = iadd v0, v10") LINE("v9 = isub v8, v10") STORE, NULL},
        {NUMBERS LINE("v8 = iadd v0, v10") LINE("v9 = band v8, v11") STORE, NULL},
        {NUMBERS LINE("v8 = iadd v0, v10") LINE("v9 = band v11, v8") STORE, NULL},
        {NUMBERS LINE("v8 = iadd v0, v10") LINE("v9 = umin v8, v0") STORE, NULL},
        {NUMBERS LINE("v8 = iadd v0, v10") LINE("v9 = umax v8, v0") STORE, NULL},
        {NUMBERS LINE("v9 = select v10, v0, v1") STORE, NULL},
        {NUMBERS LINE("v9 = select_spectre_guard v3, v0, v1") STORE, NULL},
        {NUMBERS LINE("store v0, v4+8") LINE("v9 = load.i64 v4+8") STORE, NULL},
        {NUMBERS LINE("v8 = band v0, v12") LINE("v9 = iadd v8, v1") STORE, NULL},
        {NUMBERS LINE("v8 = isub v0, v0") LINE("v9 = iadd v8, v1") STORE, NULL},
        {NUMBERS LINE("store v1, v4") LINE("store v0, v4") LINE("v8 = load.i64 v4")
         LINE("v7 = isub v1, v0") LINE("v9 = iadd v8, v7") STORE, STRAYS},
        {NUMBERS LINE("v9 = bor v0, v3") STORE, NO_ADDRESS},
        {NUMBERS LINE("v8 = bnot v0") LINE("v9 = bnot v8") STORE, NO_ADDRESS},
        {NUMBERS LINE("v8 = iadd v0, v1") LINE("v9 = isub v8, v1") STORE, NO_ADDRESS},
    };
    check_rows(rows, countof(rows), (Setting){0});
    static const Row heap[] = {
        {LINE("v7 = load.i64 v0+8") LINE("store v3, v7-32"), NULL},
        {LINE("v7 = load.i64 v0+8") LINE("v8 = isub v0, v1") LINE("v9 = iadd v7, v8")
         LINE("store v3, v9-32"), STRAYS},
    };
    check_rows(heap, countof(heap), (Setting){.first = ", cell 8 = <heap1>+32"});
    static const Row beside[] = {
        {LINE("v7 = load.i64 v0+8") LINE("store v3, v7-1000"), NULL}, /* from beside its object */
    };
    check_rows(beside, 1, (Setting){.first = ", cell 8 = <heap1>+1000"});
}

/* Which object an address is of shows in no value that is made from it. */
static void origins_are_no_bits(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("v7 = uextend.i128 v0") LINE("v8, v9 = isplit v7") LINE("trapnz v9, user1"), NULL},
        {LINE("v7 = iconcat v0, v3") LINE("v8, v9 = isplit v7") LINE("trapnz v9, user1"), NULL},
        {LINE("v7 = scalar_to_vector.i64x2 v0") LINE("v8 = extractlane v7, 1")
         LINE("trapnz v8, user1"), NULL},
        {LINE("v7 = bitcast.f64 v0") LINE("v8 = scalar_to_vector.f64x2 v7")
         LINE("v9 = bitcast.i64x2 little v8") LINE("v10 = extractlane v9, 1")
         LINE("trapnz v10, user1"), NULL},
        {LINE("v7 = ineg v0") LINE("v8 = iadd v0, v7") LINE("trapnz v8, user1"), NULL},
        {LINE("v7 = ineg v0") LINE("v8 = iadd v0, v7") LINE("v9 = select v8, v0, v3")
         LINE("trapnz v9, user1"), NULL},
        {LINE("v7 = ineg v0") LINE("v8 = iadd v0, v7") LINE("brif v8, block1, block2") "block1:\n"
         LINE("trap user1") "block2:\n", NULL},
        {LINE("v7 = bmask.i64 v0") LINE("v8 = bnot v7") LINE("trapnz v8, user1"), NULL},
    };
    check_rows(rows, countof(rows), (Setting){0});
}

static void regions_do_not_mix(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("store region0 v3, v4") LINE("v7 = load.i64 region0 v4"), NULL},
        {LINE("store region0 v3, v4") LINE("v7 = load.i64 region1 v4"), "earlier access"},
        {LINE("store region0 v3, v4") LINE("v7 = load.i64 v4"), "earlier access"},
        {LINE("store v3, v4") LINE("store region0 v3, v4"), "earlier access"},
        {LINE("v7 = load.i32 region0 v0") LINE("v8 = load.i8 region1 v0+3"), "earlier access"},
        {LINE("v7 = load.i32 region0 v0") LINE("v8 = load.i8 region1 v0+4"), NULL},
    };
    check_rows(rows, countof(rows), (Setting){0});
    static const Row heap[] = {
        {LINE("v7 = load.i32 region0 v0"), NULL},
        {LINE("v7 = load.i32 region1 v0"), "not that of the heap"},
        {LINE("store v3, v0"), "not that of the heap"},
    };
    check_rows(heap, countof(heap), (Setting){.first = ", region=4"});
    /* a slot of the next activation is another object */
    static const Row slots[] = {
        {LINE("v7 = call fn0(v3, v3)") LINE("v8 = call fn0(v0, v0)"), NULL},
    };
    check_rows(slots, 1, (Setting){
        .callee = LINE("brif v0, block1, block2") "block1:\n" LINE("store region0 v2, v3")
                  LINE("jump block3") "block2:\n" LINE("store v2, v3") LINE("jump block3")
                  "block3:\n"});
}

/* Region numbers are kept in a byte a byte. */
static void region_numbers_are_bounded(void **state)
{
    (void)state;
    static const char text[] = "function %%f(i64) {\n"
                               "    region0 = %u \"r\"\n"
                               "block0(v0: i64):\n"
                               "    v1 = load.i8 region0 v0\n"
                               "    return\n"
                               "}\n"
                               "; heap: <heap0> size=8, align=8\n"
                               "; print: %%f(<heap0>)\n"
                               "; discipline: addresses\n";
    Text t = text_open();
    char out[512];
    snprintf(out, sizeof out, text, 253);
    text_check(&t, out, NULL, TRAP_none);
    snprintf(out, sizeof out, text, 254);
    assert_int_equal(text_run(&t, out).status, INTERP_refused);
    text_close(&t);
}

/* Slots of the largest alignment, one behind the other: apart, and aligned to it exactly. */
static void large_alignments(void **state)
{
    (void)state;
    static const char text[] = "function %f() -> i64 {\n"
                               "    ss0 = explicit_slot 100, align = 128\n"
                               "    ss1 = explicit_slot 100, align = 128\n"
                               "block0:\n"
                               "    v0 = stack_addr.i64 ss0\n"
                               "    v1 = stack_addr.i64 ss1\n"
                               "    v2 = iconst.i64 255\n"
                               "    store v2, v0+92\n"
                               "    store v2, v1\n"
                               "    v3 = load.i64 v0+92\n"
                               "    v4 = band v0, v2\n"
                               "    v5 = band v1, v2\n"
                               "    v6 = iadd v4, v5\n"
                               "    return v6\n"
                               "}\n"
                               "; run: %f() == 256\n"
                               "; discipline: addresses\n";
    Text t = text_open();
    InterpResult r = text_run(&t, text);
    assert_int_equal(r.status, INTERP_returned);
    assert_int_equal(r.results[0].u64[0], 256);
    text_close(&t);
}

/* A cell is read and written whole; overwriting it whole with a number ends it. */
static void cells_are_whole(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("store v0, v4") LINE("v7 = load.i64 v4") LINE("v8 = load.i8 v7+63"), NULL},
        {LINE("store v5, v4+8") LINE("v7 = load.i64 v4+8") LINE("store v3, v7"), NULL},
        {LINE("store v0, v4") LINE("v7 = load.i32 v4"), "cell as data"},
        {LINE("store v0, v4") LINE("v7 = load.f64 v4"), "cell as data"},
        {LINE("store v0, v4") LINE("store v3, v4+8") LINE("v7 = load.i64 v4+4"), "cell as data"},
        {LINE("store v0, v4") LINE("istore8 v3, v4+7"), "writes bytes of a cell"},
        {LINE("store v0, v4") LINE("v7 = splat.i64x2 v3") LINE("store v7, v4"),
         "writes bytes of a cell"},
        {LINE("store v0, v4") LINE("store v3, v4") LINE("istore8 v3, v4+7"), NULL},
        {LINE("store v0, v4") LINE("store v1, v4") LINE("v7 = load.i64 v4") LINE("store v3, v7+24"),
         NULL},
        {LINE("store v1, v0+8") LINE("v7 = load.i32 v0+8"), "cell as data"},
        {LINE("store v1, v0+8") LINE("v7 = load.i32 v0+4"), NULL},
        /* what was derived from one is an address wherever it points; half of one is not */
        {LINE("v7 = iconst.i64 64") LINE("v8 = iadd v0, v7") LINE("store v8, v4")
         LINE("v9 = load.i32 v4"), "cell as data"},
        {LINE("v7 = iconst.i64 6500") LINE("v8 = iadd v0, v7") LINE("store v8, v4")
         LINE("v9 = load.i32 v4"), "cell as data"},
        {LINE("v7 = isub v0, v0") LINE("store v7, v4") LINE("v9 = load.i32 v4"), NULL},
        {LINE("istore32 v0, v4") LINE("v7 = load.i32 v4"), NULL},
    };
    check_rows(rows, countof(rows), (Setting){0});
    static const Row heap[] = {
        {LINE("v7 = load.i64 v0+8") LINE("v8 = load.i64 v7+8"), NULL},
        {LINE("v7 = load.i64 v0+8") LINE("v8 = load.i64 v7+16"), "outside of any object"},
        {LINE("v7 = load.i8x16 v0"), "cell as data"},
        {LINE("v7 = load.i64 v0") LINE("v8 = load.i64 v0+16"), NULL},
        {LINE("store v3, v0+1"), "writes bytes of a cell"},
        {LINE("store v3, v0+8") LINE("v7 = load.i8x16 v0"), NULL},
    };
    check_rows(heap, countof(heap), (Setting){.first = ", cell 8 = <heap1>+16"});
}

static void readonly_means_constant(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("v7 = load.i64 readonly v0") LINE("store v3, v0+8"), NULL},
        {LINE("v7 = load.i64 readonly v0") LINE("istore8 v3, v0+7"), "constant"},
        {LINE("v7 = load.i64 readonly v0") LINE("atomic_store v3, v0"), "constant"},
        {LINE("v7 = load.i64 readonly v0") LINE("v8 = atomic_rmw.i64 add v0, v3"), "constant"},
        {LINE("v7 = load.i64 readonly v0") LINE("v8 = atomic_cas.i64 v0, v3, v3"), "constant"},
        {LINE("v7 = load.i64 readonly v0") LINE("v8 = atomic_cas.i64 v0, v2, v3"), NULL},
        {LINE("atomic_store v3, v0") LINE("v7 = load.i64 readonly v0"), "was written since"},
        {LINE("store v3, v0") LINE("v7 = load.i64 readonly v0"), "was written since"},
        {LINE("store v3, v0") LINE("v7 = load.i64 readonly v0+8"), NULL},
        /* a callee's writes count, before and after */
        {LINE("v7 = call fn0(v0, v1)") LINE("v8 = load.i64 readonly v1"), "was written since"},
        {LINE("v8 = load.i64 readonly v1") LINE("v7 = call fn0(v0, v1)"), "constant"},
    };
    check_rows(rows, countof(rows), (Setting){.callee = LINE("store v2, v1")});
    /* what a callee reads readonly may be written before it is entered and after it has returned,
     * and was not written since entry */
    static const Row callee[] = {
        {LINE("store v3, v0") LINE("v7 = call fn0(v0, v1)") LINE("store v3, v0"), NULL},
        {LINE("v7 = load.i64 readonly v0") LINE("v8 = call fn0(v0, v1)"), NULL},
        {LINE("v7 = call fn0(v0, v1)") LINE("v8 = load.i64 readonly v0") LINE("store v3, v0"),
         "constant"},
    };
    check_rows(callee, countof(callee), (Setting){.callee = LINE("v4 = load.i64 readonly v0")});
    static const Row both[] = {{LINE("v7 = call fn0(v0, v0)"), "was written since"}};
    check_rows(both, 1, (Setting){.callee = LINE("store v2, v1") LINE("v4 = load.i8 readonly v0")});
}

static void slots_die(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("v7 = call fn0(v4, v5)"), NULL},
        {LINE("v7 = call fn0(v4, v5)") LINE("v8 = load.i64 v4") LINE("store v3, v8"),
         "outside of any live slot"},
    };
    check_rows(rows, countof(rows), (Setting){.callee = LINE("store v3, v0")});
    /* and begin anew */
    static const Row again[] = {{LINE("v7 = call fn0(v3, v3)") LINE("v8 = call fn0(v0, v0)"),
                                 "never written"}};
    check_rows(again, 1, (Setting){.callee = LINE("brif v0, block2, block1") "block1:\n"
                                   LINE("store v2, v3") LINE("jump block2") "block2:\n"
                                   LINE("v4 = load.i64 v3")});
}

static void private_numbers_stay(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("store v1, v0"), NULL},
        {LINE("store v4, v0"), "stores the address of a slot or function in a heap"},
        {LINE("atomic_store v4, v0"), "stores the address of a slot or function in a heap"},
        {LINE("v7 = iadd v4, v3") LINE("store v7, v5"), NULL},
        {LINE("v7 = func_addr.i64 fn0") LINE("store v7, v0"), "stores the address of a slot"},
        {LINE("v7 = func_addr.i64 fn0") LINE("store v7, v4"), NULL},
        {LINE("v7 = iconst.i64 15") LINE("v8 = band v4, v7") LINE("return v8"), NULL},
        {LINE("return v4"), "returns the address"},
        {LINE("v7 = func_addr.i64 fn0") LINE("return v7"), "returns the address"},
        {LINE("return v0"), NULL},
    };
    Text t = text_open();
    char text[4096];
    Setting s = {"", "", ""};
    for (size_t k = 0; k < countof(rows); k++) {
        case_text(text, sizeof text, &s, rows[k].body);
        char *second = strstr(rows[k].body, "return") ? strstr(text, "    return v3\n") : NULL;
        if (second) memset(second, ' ', strlen("    return v3"));
        text_check(&t, text, rows[k].reason, TRAP_none);
    }
    text_close(&t);
}

/* What arguments of the contract tests are called. */
static const char arguments[] =
    LINE("v10 = iconst.i64 8")
    LINE("v11 = iconst.i64 16")
    LINE("v12 = iadd v0, v10")     /* 8 mod 16, accessed by region 4 */
    LINE("v13 = iadd v0, v11")     /* 16 bytes into the first heap */
    LINE("v14 = iadd v4, v11")     /* in a slot, 8 bytes initialised, then a cell */
    LINE("v15 = iadd v5, v10")     /* in a slot, not initialised */
    LINE("store region0 v3, v12")
    LINE("store v3, v1")           /* the second heap, accessed by no region */
    LINE("store v3, v4")
    LINE("store v3, v4+8")
    LINE("store v3, v14")
    LINE("store v1, v14+8")
    LINE("store v3, v5");

/* A call with a good and a bad argument for each thing that a contract says of one parameter. */
static void contracts_hold_on_entry(void **state)
{
    (void)state;
    static const struct {
        const char *contract, *good, *bad, *reason;
    } rows[] = {
        {"range=0..64, init=none, region=4", "v0", "v1", "not within one live object"},
        {"range=0..32, init=none", "v4", "v5", "not within one live object"},
        {"range=-16..-8", "v13", "v12", "not within one live object"},
        {"range=0..0", "v3", NULL, NULL},
        {"range=0..8", "v0", "v2", "inaccessible"},
        {"range=0..8", "v0", "v3", "inaccessible"},
        {"range=0..8, fault", "v2", "v0", "its range is accessible"},
        {"range=0..8, fault", "v3", "v4", "its range is accessible"},
        {"range=0..8, align=16", "v0", "v5", "alignment or skew"},
        {"range=0..8, align=16, skew=8", "v5", "v0", "alignment or skew"},
        {"range=0..8, align=32, skew=16", "v4", NULL, NULL}, /* aligned to 16 and no more */
        {"range=0..8, region=4", "v12", "v1", "another region"},
        {"range=0..8, region=5", "v0", "v12", "another region"},
        {"range=0..8", "v1", "v12", "another region"},
        {"range=0..20, region=4", "v0", NULL, NULL},
        {"range=0..20, region=5", NULL, "v0", "another region"},
        {"range=0..12, region=5", NULL, "v0", "another region"},
        {"range=-8..0, region=5", "v12", "v13", "another region"},
        {"range=8..16, init=none, region=4", "v0", "v4", "another region"},
        {"range=0..8192, fault", NULL, "v3", "not within one live object"},
        {"range=0..8, fault, readonly", "v3", NULL, NULL},
        {"range=0..0, readonly", "v3", NULL, NULL},
        {"range=0..16, init=all", "v4", "v5", "initialised"},
        {"range=0..8, init=[0..4 6..8]", "v5", "v15", "initialised"},
        {"range=0..8, init=none", "v15", NULL, NULL},
        {"range=-8..8, init=-8..0", "v15", NULL, NULL},
        {"range=-8..8, init=0..8", NULL, "v15", "initialised"},
        {"range=0..16, cell 8 = (range=0..32)", "v14", "v5", "initialised"},
        {"range=0..16, init=none, cell 8 = (range=0..32)", "v14", "v5", "there is no cell"},
        {"range=0..16, cell 8 = (range=0..33)", NULL, "v14", "not within one live object"},
        {"range=0..16, cell 8 = (range=0..8, align=16, skew=8)", NULL, "v14", "skew"},
        {"range=0..16, cell 0 = (range=0..8, fault)", "v14", NULL, NULL}, /* holds null */
        {"range=0..16, cell 8 = (range=0..8, fault)", NULL, "v14", "is accessible"},
        {"range=0..16, cell 4 = (range=0..8, fault)", NULL, "v14", "there is no cell"},
    };
    for (size_t k = 0; k < countof(rows); k++) {
        char good[1024], bad[1024], contracts[256];
        snprintf(contracts, sizeof contracts, "; address: %%g 0 %s\n", rows[k].contract);
        snprintf(good, sizeof good, "%s    v20 = call fn0(%s, v3)\n", arguments, rows[k].good);
        snprintf(bad, sizeof bad, "%s    v20 = call fn0(%s, v3)\n", arguments, rows[k].bad);
        if (rows[k].good) check_rows(&(Row){good, NULL}, 1, (Setting){.contracts = contracts});
        if (rows[k].bad)
            check_rows(&(Row){bad, rows[k].reason}, 1, (Setting){.contracts = contracts});
    }
}

/* A heap has its region before anything is accessed. */
static void contracts_know_the_regions_of_heaps(void **state)
{
    (void)state;
    static const Row heap[] = {{LINE("v7 = call fn0(v0, v1)"), NULL}};
    static const Row other[] = {{LINE("v7 = call fn0(v0, v1)"), "another region"}};
    Setting s = {.first = ", region=4"};
    s.contracts = "; address: %g 0 range=0..8, region=4\n";
    check_rows(heap, 1, s);
    s.contracts = "; address: %g 0 range=0..8, region=5\n";
    check_rows(other, 1, s);
    s.contracts = "; address: %g 0 range=0..8\n";
    check_rows(other, 1, s);
}

static void relations_hold_on_entry(void **state)
{
    (void)state;
    static const Row disjoint[] = {
        {LINE("v7 = call fn0(v0, v1)"), NULL},
        {LINE("v7 = call fn0(v0, v0)"), "overlaps a parameter"},
        {LINE("v7 = iconst.i64 16") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v0, v8)"), NULL},
        {LINE("v7 = iconst.i64 15") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v0, v8)"),
         "overlaps a parameter"},
    };
    check_rows(disjoint, countof(disjoint), (Setting){
        .contracts = "; address: %g 0 range=0..16\n; address: %g 1 range=0..16\n"
                     "; address: %g 0,1 disjoint\n"});
    static const Row shifted[] = {
        {LINE("v7 = call fn0(v0, v0)"), NULL},
        {LINE("v7 = iconst.i64 8") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v8, v0)"),
         "overlaps a parameter"},
        {LINE("v7 = iconst.i64 16") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v8, v0)"), NULL},
        {LINE("v7 = iconst.i64 1") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v0, v8)"),
         NULL},
        {LINE("v7 = iconst.i64 1") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v8, v0)"),
         "overlaps a parameter"},
    };
    check_rows(shifted, countof(shifted), (Setting){
        .contracts = "; address: %g 0 range=8..16\n; address: %g 1 range=16..24\n"
                     "; address: %g 0,1 disjoint\n"});
    static const Row same[] = {
        {LINE("v7 = call fn0(v0, v0)"), NULL},
        {LINE("v7 = call fn0(v0, v1)"), "not the same"},
    };
    check_rows(same, countof(same), (Setting){
        .contracts = "; address: %g 0 range=0..16\n; address: %g 1 range=0..16\n"
                     "; address: %g 0,1 same\n"});
}

/* The callee stores through its second parameter. */
static void contracts_make_constant(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("v7 = call fn0(v0, v1)") LINE("store v3, v0"), NULL},
        {LINE("v7 = call fn0(v0, v0)"), "constant"},
        {LINE("v7 = iconst.i64 8") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v0, v8)"), NULL},
        {LINE("v7 = iconst.i64 7") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v0, v8)"),
         "constant"},
    };
    check_rows(rows, countof(rows), (Setting){
        .callee = LINE("store v2, v1"),
        .contracts = "; address: %g 0 range=0..8, readonly\n; address: %g 1 range=0..8\n"});
    /* from byte 8 to byte 31, and no others */
    static const Row part[] = {
        {LINE("v7 = call fn0(v0, v0)"), NULL},
        {LINE("v7 = iconst.i64 1") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v0, v8)"),
         "constant"},
        {LINE("v7 = iconst.i64 17") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v0, v8)"),
         "constant"},
        {LINE("v7 = iconst.i64 31") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v0, v8)"),
         "constant"},
        {LINE("v7 = iconst.i64 32") LINE("v8 = iadd v0, v7") LINE("v9 = call fn0(v0, v8)"), NULL},
    };
    check_rows(part, countof(part), (Setting){
        .callee = LINE("store v2, v1"), .contracts = "; address: %g 0 range=8..32, readonly\n"});
    static const Row second[] = {
        {LINE("v7 = call fn0(v0, v1)"), NULL},
        {LINE("v7 = call fn0(v0, v0)"), NULL}, /* the first parameter may write there */
    };
    check_rows(second, countof(second), (Setting){
        .callee = LINE("store v2, v0"),
        .contracts = "; address: %g 0 range=0..8\n; address: %g 1 range=0..8, nowrite\n"});
    /* nowrite is enforced where no other parameter may write the same bytes */
    static const Row apart[] = {
        {LINE("v7 = call fn0(v0, v1)"), "constant"},
        {LINE("v7 = call fn0(v0, v0)"), NULL},
    };
    check_rows(apart, countof(apart), (Setting){
        .callee = LINE("store v2, v0"),
        .contracts = "; address: %g 0 range=0..8, nowrite\n; address: %g 1 range=0..8\n"});
}

/* A run leaves nothing behind: neither regions, nor cells, nor frozen bytes. */
static void runs_start_clean(void **state)
{
    (void)state;
    Text t = text_open();
    char text[4096];
    Setting s = {"", "", ""};
    static const char *const bodies[] = {
        LINE("store region0 v3, v0"), LINE("store region1 v3, v0"), LINE("store v1, v0"),
        LINE("v7 = load.i32 v0"), LINE("v7 = load.i64 readonly v0") LINE("trap user1"),
        LINE("store v3, v0"), LINE("v7 = load.i64 readonly v0"),
        LINE("store region0 v3, v0+24") LINE("store v1, v0+40") LINE("store region0 v3, v1+8"),
        LINE("store region1 v3, v0+24") LINE("v7 = load.i32 v0+44") LINE("store v3, v1+9"),
    };
    for (size_t k = 0; k < countof(bodies); k++) {
        case_text(text, sizeof text, &s, bodies[k]);
        bool traps = strstr(bodies[k], "trap");
        if (traps) memset(strstr(text, "    return v3"), ' ', strlen("    return v3"));
        text_check(&t, text, NULL, traps ? 1 : TRAP_none);
    }
    text_close(&t);
}

static void counts_written_bytes(void **state)
{
    (void)state;
    Text t = text_open();
    char text[4096];
    Setting s = {"", "", ""};
    InterpResult r = text_run(&t, case_text(text, sizeof text, &s, LINE("store v3, v0")
                                            LINE("store v3, v0+4") LINE("istore8 v3, v0+20")
                                            LINE("store v3, v4")));
    assert_int_equal(r.written, 13);
    text_close(&t);
}

/* The callee's copy is as initialised as the original, and an object of its own. */
static void structures_are_copied(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("store v3, v4") LINE("v7 = call fn0(v4, v0)"), NULL},
        {LINE("v7 = call fn0(v0, v0)"), NULL},
        {LINE("v7 = call fn0(v4, v0)"), "never written"},
        {LINE("store v3, v4") LINE("v8 = iadd_imm v4, 28") LINE("v7 = call fn0(v8, v0)"),
         "outside of any object"},
        {LINE("store v0, v4") LINE("v7 = call fn0(v4, v0)"), "an address in it"},
    };
    check_rows(rows, countof(rows), (Setting){
        .purpose = "sarg(8)",
        .callee = LINE("v4 = load.i64 v0") LINE("store v4, v0") LINE("store v4, v1"),
    });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_start_uninitialised),
        cmocka_unit_test(slots_stand_alone),
        cmocka_unit_test(accesses_stay_in_their_object),
        cmocka_unit_test(addresses_are_derived),
        cmocka_unit_test(origins_are_no_bits),
        cmocka_unit_test(regions_do_not_mix),
        cmocka_unit_test(region_numbers_are_bounded),
        cmocka_unit_test(large_alignments),
        cmocka_unit_test(cells_are_whole),
        cmocka_unit_test(readonly_means_constant),
        cmocka_unit_test(slots_die),
        cmocka_unit_test(private_numbers_stay),
        cmocka_unit_test(contracts_hold_on_entry),
        cmocka_unit_test(contracts_know_the_regions_of_heaps),
        cmocka_unit_test(relations_hold_on_entry),
        cmocka_unit_test(contracts_make_constant),
        cmocka_unit_test(runs_start_clean),
        cmocka_unit_test(counts_written_bytes),
        cmocka_unit_test(structures_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
