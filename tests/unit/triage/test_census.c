/* The census: what a module written by hand has, that nothing is counted twice or not at all, and
 * what is legal. */
#include "triage/cell.h"

#include "ir/read.h"
#include "ir/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static Arena *process;
static const CensusCells *cells; /* with what is legal */

static int decide(void **state)
{
    (void)state;
    process = arena_create();
    cells = census_cells(process);
    return 0;
}

/* The cell of that name, `iadd.i16` and `load`. */
static const CensusCell *find(const char *name, const char *detail)
{
    for (uint32_t k = 0; k < cells->n; k++) {
        Buf text = {.arena = process};
        if (strcmp(census_detail(&cells->at[k]), detail) != 0) continue;
        census_name(&text, &cells->at[k]);
        if (str_is(buf_str(&text), name)) return &cells->at[k];
    }
    fail_msg("there is no %s %s", name, detail);
    return NULL;
}

static const char by_hand[] =
    "function %callee(i64 sext, i32 uext, f32) -> i32 fast {\n"
    "    region0 = 0 \"a\"\n"
    "block0(v0: i64, v1: i32, v2: f32):\n"
    "    v3 = load.i32 aligned region0 v0\n"       /* used once */
    "    v4 = iadd v3, v1\n"
    "    v5 = load.i32 notrap readonly can_move region0 v0+2\n" /* used twice */
    "    v6 = iadd v5, v5\n"
    "    v7 = iconst.i16 3\n"
    "    v8 = ishl v4, v7\n"
    "    v9 = load.i32 user7 little region0 v0+4\n" /* used in another block */
    "    v10 = load.f32 region0 v0+8\n"
    "    brif v1, block1(v10, v8), block2\n"
    "block1(v11: f32, v12: i32):\n"
    "    v13 = fcvt_to_sint_sat.i32 v11\n"
    "    v14 = isub v13, v9\n"
    "    return v14\n"
    "block2:\n"
    "    return v6\n"
    "}\n"
    "; address: %callee 0 range=0..16, align=4, region=0, init=all\n"
    "function %caller(i64, i64) -> i32 system_v {\n"
    "    region0 = 0 \"a\"\n"
    "    ss0 = explicit_slot 16, align = 64\n"
    "    fn0 = %callee(i64 sext, i32 uext, f32) -> i32 fast\n"
    "block0(v0: i64, v1: i64):\n"
    "    v2 = iconst.i64 7\n"
    "    v3 = uextend.i128 v2\n"
    "    v4 = iadd v3, v3\n"
    "    v5 = stack_addr.i64 ss0\n"
    "    store aligned v4, v5\n"
    "    v6 = load.i8 region0 v0\n"
    "    v7 = iconst.i64 0\n"
    "    v8 = load.i16 v7+1\n"
    "    v9 = load.f32 notrap region0 v1\n"
    "    v10 = select v6, v0, v1\n"
    "    v11 = load.i32 region0 v10\n"
    "    v12 = call fn0(v0, v11, v9)\n"
    "    return v12\n"
    "}\n"
    "; discipline: addresses\n"
    "; address: %caller 0 range=0..16, align=4, region=0, init=all\n"
    "; address: %caller 1 range=0..16, region=0, init=all\n"
    "; heap: <heap0> size=16, align=16, place=end, region=0\n"
    "; heap: <heap1> size=16, align=16, place=start, region=0\n"
    "; print: %caller(<heap0>, <heap1>)\n"
    "; print: %caller(<heap1>, <heap1>)\n";

static const struct {
    const char *name, *detail;
    unsigned count;
} wanted[] = {
    /* operands of %callee */
    {"load.i32", "register", 4},          /* one of them in %caller */
    {"load.f32", "register", 2},          /* one of them in %caller */
    {"iadd.i32", "load", 1},              {"iadd.i32", "register", 3},
    {"iconst.i16", "none", 1},            {"ishl.i32", "register", 1},
    {"ishl amount.i16", "constant", 1},   {"brif of i32", "register", 1},
    {"brif argument.f32", "load", 1},     {"brif argument.i32", "register", 1},
    {"fcvt_to_sint_sat.i32 of f32", "register", 1},
    {"isub.i32", "register", 2},          {"return argument.i32", "register", 3},
    {"return", "none", 3},
    /* of %caller */
    {"iconst.i64", "none", 2},            {"uextend.i128 of i64", "constant", 1},
    {"iadd.i128", "constant", 2},         {"stack_addr.i64", "none", 1},
    {"store.i128", "register", 1},        {"store address.i64", "register", 1},
    {"load.i8", "register", 1},           {"load.i16", "constant", 1},
    {"select.i64", "register", 2},        {"select condition.i8", "load", 1},
    {"call", "none", 1},                  {"call argument.i64", "register", 1},
    {"call argument.i32", "load", 1},     {"call argument.f32", "load", 1},
    /* accesses of %callee, then of %caller */
    {"load.i32 aligned", "parameter", 1}, {"load.i32 skewed", "parameter", 1},
    {"load.i32 natural", "parameter", 1}, {"load.f32 natural", "parameter", 1},
    {"store.i128 over", "slot", 1},       {"load.i8 natural", "end", 1},
    {"load.i8 natural", "start", 1},      {"load.i16 skewed", "null", 1},
    {"load.f32 unknown", "start", 1},     {"load.i32 unknown", "choice", 1},
    /* flag sets */
    {"load heap_oob aligned region", "flags", 1},
    {"load notrap readonly can_move region", "flags", 1},
    {"load user little region", "flags", 1},
    {"load heap_oob region", "flags", 3}, {"load heap_oob", "flags", 1},
    {"load notrap region", "flags", 1},   {"store heap_oob aligned", "flags", 1},
    /* conventions */
    {"fast sext", "parameter", 1},        {"fast uext", "parameter", 1},
    {"fast normal", "parameter", 1},      {"fast normal", "result", 1},
    {"system_v normal", "parameter", 2},  {"system_v normal", "result", 1},
};

static uint64_t sum(const Census *c)
{
    uint64_t n = 0;
    for (uint32_t k = 0; k < cells->n; k++) n += census_count(c, &cells->at[k]);
    return n;
}

/* These, and no others. */
static void counts_a_module(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Diag d = {.arena = a};
    const Case *c = case_read(a, "by_hand", str_of(by_hand), &d);
    if (c) case_verify(c, a, &d);
    if (!c || d.errors) diag_print(&d, stderr);
    assert_true(c && !d.errors);
    Census *census = census_create(a);
    census_case(census, c, a);
    uint64_t all = 0;
    for (size_t k = 0; k < countof(wanted); k++) {
        const CensusCell *cell = find(wanted[k].name, wanted[k].detail);
        uint64_t n = census_count(census, cell);
        if (n != wanted[k].count || !cell->legal)
            fail_msg("%llu of %s %s", (unsigned long long)n, wanted[k].name, wanted[k].detail);
        all += n;
    }
    assert_int_equal(sum(census), all);
    arena_destroy(a);
}

/* ---- generated cases ---------------------------------------------------------------------- */

enum { SEEDS = 2000 };

typedef struct {
    uint64_t of[4]; /* by CensusKind */
} Sums;

static uint64_t operands_of(const InstData *i)
{
    const char *rule = inst_op(i)->operands;
    uint64_t n = i->nargs + (!rule[0] || rule[0] == '*');
    for (uint32_t k = 0; k < i->ndests; k++) n += i->dests[k].nargs;
    return n;
}

/* What is there to be counted; places of heaps that several runs pass are left out. */
static void add_func(Sums *s, const Func *f, bool is_run)
{
    Access access;
    s->of[CENSUS_convention] += f->sig.params.n + f->sig.returns.n;
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            const InstData *i = func_inst(f, bd->insts.at[n]);
            s->of[CENSUS_operand] += operands_of(i);
            if (!inst_access(i, &access)) continue;
            s->of[CENSUS_flags] += !op_has(i->op, EFFECT_E);
            s->of[CENSUS_access] += !is_run;
        }
    }
}

static void nothing_is_lost(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    Arena *a = arena_create(), *counts = arena_create();
    Census *one_by_one = census_create(counts), *together = census_create(counts);
    Sums want = {{0}}, got = {{0}};
    for (uint64_t seed = 0; seed < SEEDS; seed++, arena_reset(a)) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Case *c = gen_next(&in, &(GenOptions){0}, a);
        census_case(one_by_one, c, a);
        for (uint32_t k = 0; k < c->module->funcs.n; k++)
            add_func(&want, c->module->funcs.at[k], k == c->runs.at[0].func);
    }
    census_seeds(together, SEEDS, &(GenOptions){0});
    for (uint32_t k = 0; k < cells->n; k++) {
        const CensusCell *cell = &cells->at[k];
        got.of[cell->kind] += census_count(together, cell);
        assert_int_equal(census_count(one_by_one, cell), census_count(together, cell));
        if (census_count(together, cell)) assert_true(cell->legal);
    }
    assert_int_equal(got.of[CENSUS_operand], want.of[CENSUS_operand]);
    assert_int_equal(got.of[CENSUS_flags], want.of[CENSUS_flags]);
    assert_int_equal(got.of[CENSUS_convention], want.of[CENSUS_convention]);
    assert_true(got.of[CENSUS_access] > want.of[CENSUS_access]);
    arena_destroy(a);
    arena_destroy(counts);
}

/* ---- what is legal ------------------------------------------------------------------------ */

static const struct {
    const char *name, *detail;
    bool legal;
} rulings[] = {
    {"iadd.i8", "load", true},              {"iadd.i128", "constant", true},
    {"icmp.i32x4", "constant", true},       {"brif of i128", "load", true},
    {"bitcast.f64 of i16x4", "load", true}, {"br_table argument.f64", "load", true},
    {"return_call argument.i8", "load", true},
    {"iadd.i8x32", "register", false},      /* wider than any register */
    {"call argument.i8x32", "register", false},
    {"fadd.f16", "register", true},         /* interpreted, compiled by none */
    {"iadd.i32x4xN", "register", false},    /* nobody knows how wide */
    {"call_indirect", "register", true},    {"call_indirect", "constant", false},
    {"call_indirect", "load", true},        /* by way of a slot */
    {"get_frame_pointer.i64", "none", false},
    {"stack_switch.i64", "register", false},
    {"load.i32", "constant", true},         /* null */
    {"load.i32", "load", true},             /* out of a cell */
    {"store address.i64", "load", true},
    {"load.i8 unknown", "slot", false},     /* every address is a multiple of 1 */
    {"load.i8 skewed", "end", false},
    {"load.i16 unknown", "slot", true},     {"load.i16 unknown", "null", false},
    {"load.i64 aligned", "null", true},     {"store.i8x16 skewed", "fault", true},
    {"atomic_load.i32 natural", "slot", true},
    {"atomic_load.i32 skewed", "slot", false},
    {"atomic_cas.i64 unknown", "slot", true},
    {"load notrap aligned readonly can_move big region", "flags", true},
    {"store notrap aligned big region", "flags", true},
    {"store heap_oob readonly", "flags", false},
    {"store heap_oob can_move", "flags", false},
    {"tail sret", "parameter", true},       {"system_v sarg", "parameter", true},
    {"system_v sarg", "result", false},     {"preserve_all normal", "parameter", true},
    {"preserve_all normal", "result", false},
};

static void decides_what_is_legal(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(rulings); k++) {
        const CensusCell *cell = find(rulings[k].name, rulings[k].detail);
        if (cell->legal != rulings[k].legal)
            fail_msg("%s %s is%s legal", rulings[k].name, rulings[k].detail,
                     cell->legal ? "" : " not");
    }
}

/* The JIT is asked, not believed. */
static void marks_what_is_interpreted_only(void **state)
{
    (void)state;
    assert_true(find("iadd.i128", "register")->jit);
    const CensusCell *cell = find("fadd.f16", "load");
    assert_true(cell->legal && !cell->jit);
}

static void keys_differ(void **state)
{
    (void)state;
    uint64_t end = 0;
    for (uint32_t k = 0; k < cells->n; k++) end = max_u64(end, cells->at[k].key + UINT64_C(1));
    bool *taken = arena_array(process, bool, end);
    for (uint32_t k = 0; k < cells->n; k++) {
        assert_false(taken[cells->at[k].key]);
        taken[cells->at[k].key] = true;
    }
}

/* ---- what is demanded --------------------------------------------------------------------- */

/* Each legal cell as often as is asked of a million cases, with what its case has besides. */
static Census *count_each(uint32_t times)
{
    const char *reason;
    Arena *a = arena_create();
    Census *c = census_create(process);
    for (uint32_t k = 0; k < cells->n; k++, arena_reset(a)) {
        const Case *of = cells->at[k].legal ? cell_for(a, &cells->at[k], &reason) : NULL;
        for (uint32_t n = 0; of && n < times; n++) census_case(c, of, a);
    }
    arena_destroy(a);
    return c;
}

static void demands_it_of_a_million(void **state)
{
    (void)state;
    assert_int_equal(census_demand(1), 1);
    assert_int_equal(census_demand(50000), 1);
    assert_int_equal(census_demand(50001), 2);
    assert_int_equal(census_demand(1000000), 20);
    assert_int_equal(census_demand(9000000), 20);
    const Census *none = census_create(process), *few = count_each(1), *all = count_each(20);
    assert_true(census_holds(none, cells, 999999));
    assert_false(census_holds(none, cells, 1000000));
    assert_false(census_holds(few, cells, 1000000));
    assert_true(census_holds(all, cells, 1000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_a_module),
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(decides_what_is_legal),
        cmocka_unit_test(marks_what_is_interpreted_only),
        cmocka_unit_test(keys_differ),
        cmocka_unit_test(demands_it_of_a_million),
    };
    return cmocka_run_group_tests(tests, decide, NULL);
}
