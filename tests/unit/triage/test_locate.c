/* Mistakes that are planted into a few lines of CLIF, and where they are found: by a wrong value,
 * by a store, by a branch, by the machine code, and with nothing but what is left when watching
 * makes a mistake go away. */
#include "triage/explain.h"

#include "ir/read.h"
#include "ir/verify.h"
#include "jit/x64/mfunc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static Arena *process;
static Judge *judge;
static void (*plant)(PassStage *s); /* of the test */

static void hook(void *data, PassStage *s)
{
    (void)data;
    if (plant) plant(s);
}

/* In the test itself: by then cmocka has set its handlers of signals. */
static void begin(void (*what)(PassStage *s))
{
    const char *error = "";
    JudgeOptions o = {
        .backends = "interp,jit:none:sse2,jit:none:sse2:planted",
        .limit_ms = 100,
        .host = {.pass_hook = hook},
    };
    plant = what;
    process = arena_create();
    judge = judge_create(&o, &error);
    if (!judge) fail_msg("%s", error);
}

static int tear_down(void **state)
{
    (void)state;
    judge_destroy(judge);
    arena_destroy(process);
    return 0;
}

static const Case *read_text(const char *text)
{
    Diag d = {.arena = process, .file = "text"};
    const Case *c = case_read(process, "text", str_of(text), &d);
    bool good = c && case_verify(c, process, &d);
    diag_print(&d, stderr);
    assert_true(good);
    return c;
}

/* What is wrong in the case, which only the planted configuration does. Afterwards it shows again:
 * nobody is left with a copy of it. */
static const Explanation *explain_text(const char *text, VerdictKind kind)
{
    Verdict *v = arena_new(process, Verdict), after;
    const Case *c = read_text(text);
    judge_case(judge, c, v);
    assert_string_equal(verdict_name(v->kind), verdict_name(kind));
    assert_string_equal(v->odd->name, "jit:none:sse2:planted");
    const Explanation *x = explain(judge, c, v, process);
    Buf screen = {.arena = process};
    Picture p = {.out = &screen, .mark = NO_OFFSET};
    explain_write(&p, x);
    uint32_t lines = 0;
    for (size_t k = 0; k < screen.n; k++) lines += screen.at[k] == '\n';
    assert_true(lines > 0 && lines <= EXPLAIN_LINES);
    judge_case(judge, c, &after);
    assert_int_equal(after.kind, v->kind);
    return x;
}

static const Located *locate_text(const char *text, VerdictKind kind)
{
    return explain_text(text, kind)->located;
}

/* `what` is named, by `by`, at the instruction with that text. */
static void check(const Explanation *x, LocatedWhat what, LocatedBy by, const char *inst)
{
    const Located *l = x->located;
    assert_string_equal(located_what(l->what), located_what(what));
    assert_string_equal(located_by(l->by), located_by(by));
    assert_int_not_equal(l->inst.i, NO_INDEX);
    assert_string_equal(x->steps.at[0].text, inst);
}

/* ---- plants ------------------------------------------------------------------------------- */

static bool uses(const InstData *i, Value v)
{
    for (uint32_t k = 0; k < i->nargs; k++)
        if (inst_args_const(i)[k].i == v.i) return true;
    return false;
}

static uint32_t count_uses(const Func *f, Value v)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < f->insts.n; k++) n += uses(&f->insts.at[k], v);
    return n;
}

static void change(PassStage *s, Op from, Op to, uint32_t most_uses)
{
    for (uint32_t k = 0; s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        for (uint32_t n = 0; n < f->insts.n; n++) {
            InstData *i = &f->insts.at[n];
            if (i->op == from && count_uses(f, i->result) <= most_uses) i->op = (uint16_t)to;
        }
    }
}

static void plant_add(PassStage *s) { change(s, OP_imul, OP_iadd, UINT32_MAX); }
static void plant_add_once(PassStage *s) { change(s, OP_imul, OP_iadd, 1); }

/* Turn this: store x, p; call f()
 * Into this: call f(); store x, p */
static void plant_store_late(PassStage *s)
{
    for (uint32_t k = 0; s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        BlockData *bd = func_block(f, func_entry(f));
        for (uint32_t n = 0; n + 1 < bd->insts.n; n++) {
            Inst store = bd->insts.at[n], call = bd->insts.at[n + 1];
            if (func_inst(f, store)->op != OP_store || func_inst(f, call)->op != OP_call) continue;
            bd->insts.at[n] = call;
            bd->insts.at[++n] = store;
        }
    }
}

/* Turn this: store x, p; load q
 * Into this: load q; store x, p */
static void plant_load_early(PassStage *s)
{
    for (uint32_t k = 0; s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        BlockData *bd = func_block(f, func_entry(f));
        for (uint32_t n = 0; n + 1 < bd->insts.n; n++) {
            Inst store = bd->insts.at[n], load = bd->insts.at[n + 1];
            if (func_inst(f, store)->op != OP_store || func_inst(f, load)->op != OP_load) continue;
            bd->insts.at[n] = load;
            bd->insts.at[n + 1] = store;
        }
    }
}

static void plant_other_way(PassStage *s)
{
    for (uint32_t k = 0; s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        for (uint32_t n = 0; n < f->insts.n; n++) {
            InstData *i = &f->insts.at[n];
            if (i->op != OP_brif) continue;
            BlockCall then = i->dests[0];
            i->dests[0] = i->dests[1];
            i->dests[1] = then;
        }
    }
}

static void plant_other_return(PassStage *s)
{
    for (uint32_t k = 0; s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        Value second = func_block(f, func_entry(f))->params.at[1];
        for (uint32_t n = 0; n < f->insts.n; n++)
            if (f->insts.at[n].op == OP_return) inst_args(&f->insts.at[n])[0] = second;
    }
}

/* Loads of f32 go further than the heap. */
static void plant_far(PassStage *s)
{
    for (uint32_t k = 0; s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        for (uint32_t n = 0; n < f->insts.n; n++)
            if (f->insts.at[n].op == OP_load && f->insts.at[n].type == TY_f32)
                f->insts.at[n].imm += 1 << 14;
    }
}

static void plant_other_trap(PassStage *s)
{
    for (uint32_t k = 0; s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        for (uint32_t n = 0; n < f->insts.n; n++)
            if (f->insts.at[n].op == OP_uload8) f->insts.at[n].flags.trap = TRAP_heap_oob;
    }
}

/* r12 is not restored. */
static void plant_lost(PassStage *s)
{
    for (uint32_t k = 0; s->after == PASS_allocate && k < s->machine->code.n; k++) {
        MInst *i = &s->machine->code.at[k];
        if (i->form != FORM_pop || !reg_equal(i->reg[0], reg_of(REG_r12))) continue;
        i->reg[0] = reg_of(REG_rcx);
    }
}

/* ---- values ------------------------------------------------------------------------------- */

static const char product[] = "function %f(i64, i64) -> i64 {\n"
                              "block0(v0: i64, v1: i64):\n"
                              "    v2 = iadd v0, v1\n"
                              "    v3 = imul v2, v0\n"
                              "    v4 = isub v3, v1\n"
                              "    return v4\n"
                              "}\n"
                              "; run: %f(3, 4) == 17\n";

static void test_value(void **state)
{
    (void)state;
    begin(plant_add);
    const Explanation *x = explain_text(product, VERDICT_results);
    const Located *l = x->located;
    check(x, LOCATED_value, BY_all, "v3 = imul.i64 v2, v0");
    assert_int_equal(l->seen[l->site].expected.u64[0], 21);
    assert_int_equal(l->seen[l->site].odd.u64[0], 10);
    assert_string_equal(l->odd->name, "jit:none:sse2:planted");
    assert_string_equal(l->expected->name, "interp");
    assert_false(l->vanishes);
    assert_int_equal(l->vanishing.n, 0);
    assert_int_equal(l->visit, 1);
}

/* What is written down has a use more: the mistake goes, and its first user is named. */
static void test_vanishing_value(void **state)
{
    (void)state;
    begin(plant_add_once);
    const Explanation *x = explain_text(product, VERDICT_results);
    const Located *l = x->located;
    check(x, LOCATED_value, BY_one, "v4 = isub.i64 v3, v1");
    assert_true(l->vanishes);
    assert_int_equal(l->vanishing.n, 1);
    assert_int_equal(l->sites->at[l->vanishing.at[0]].value.i,
                     func_inst(x->c->module->funcs.at[0], (Inst){1})->result.i);
}

static void test_visit(void **state)
{
    (void)state;
    begin(plant_add);
    const Located *l = locate_text("function %f(i64) -> i64 {\n"
                                   "block0(v0: i64):\n"
                                   "    v1 = iconst.i64 2\n"
                                   "    jump block1(v1, v0)\n"
                                   "block1(v2: i64, v3: i64):\n"
                                   "    v4 = imul v2, v1\n" /* 2 * 2 is 2 + 2 */
                                   "    v5 = iconst.i64 1\n"
                                   "    v6 = isub v3, v5\n"
                                   "    brif v6, block1(v4, v6), block2\n"
                                   "block2:\n"
                                   "    return v4\n"
                                   "}\n"
                                   "; run: %f(4) == 32\n",
                                   VERDICT_results);
    assert_int_equal(l->what, LOCATED_value);
    assert_int_equal(l->visit, 2);
    assert_int_equal(l->visits, 4);
    assert_int_equal(l->seen[l->site].expected.u64[0], 8);
    assert_int_equal(l->seen[l->site].odd.u64[0], 6);
}

/* A mistake in a callee is the callee's. */
static void test_callee(void **state)
{
    (void)state;
    begin(plant_add);
    const Located *l = locate_text("function %caller(i64) -> i64 {\n"
                                   "    sig0 = (i64) -> i64\n"
                                   "    fn0 = %square sig0\n"
                                   "block0(v0: i64):\n"
                                   "    v1 = call fn0(v0)\n"
                                   "    return v1\n"
                                   "}\n"
                                   "; run: %caller(5) == 25\n"
                                   "function %square(i64) -> i64 {\n"
                                   "block0(v0: i64):\n"
                                   "    v1 = imul v0, v0\n"
                                   "    return v1\n"
                                   "}\n",
                                   VERDICT_results);
    assert_int_equal(l->what, LOCATED_value);
    assert_int_equal(l->func, 1);
}

static void test_way(void **state)
{
    (void)state;
    begin(plant_other_way);
    check(explain_text("function %f(i64) -> i64 {\n"
                       "block0(v0: i64):\n"
                       "    v1 = iconst.i64 1\n"
                       "    brif v0, block1, block2\n"
                       "block1:\n"
                       "    v2 = iadd v1, v1\n"
                       "    return v2\n"
                       "block2:\n"
                       "    v3 = iconst.i64 7\n"
                       "    return v3\n"
                       "}\n"
                       "; run: %f(0) == 7\n",
                       VERDICT_results),
          LOCATED_way, BY_all, "brif v0, block1, block2");
}

/* All that is computed is right. */
static void test_return(void **state)
{
    (void)state;
    begin(plant_other_return);
    check(explain_text(product, VERDICT_results), LOCATED_return, BY_all, "return v4");
}

/* ---- memory ------------------------------------------------------------------------------- */

/* The callee's store comes to nothing, as the caller's comes behind it. */
static void test_late_store(void **state)
{
    (void)state;
    begin(plant_store_late);
    const Explanation *x = explain_text("function %f(i64) {\n"
                                        "    sig0 = (i64)\n"
                                        "    fn0 = %g sig0\n"
                                        "block0(v0: i64):\n"
                                        "    v1 = iconst.i64 0\n" /* what is there already */
                                        "    store notrap v1, v0\n"
                                        "    call fn0(v0)\n"
                                        "    return\n"
                                        "}\n"
                                        "; heap: <heap0> size=8, align=8\n"
                                        "; print: %f(<heap0>)\n"
                                        "function %g(i64) {\n"
                                        "block0(v0: i64):\n"
                                        "    v1 = iconst.i64 9\n"
                                        "    store notrap v1, v0\n"
                                        "    return\n"
                                        "}\n",
                                        VERDICT_memory);
    check(x, LOCATED_store, BY_cut, "store.i64 notrap v1, v0");
    assert_int_equal(x->located->func, 0);
    assert_true(x->located->late);
    assert_int_equal(x->located->until, NO_INDEX); /* nothing stands behind the call */
}

static void test_writer(void **state)
{
    (void)state;
    begin(plant_load_early);
    const Explanation *x = explain_text("function %f(i64, i64) -> i64 {\n"
                                        "block0(v0: i64, v1: i64):\n"
                                        "    v2 = iconst.i64 258\n"
                                        "    store notrap v2, v0\n"
                                        "    v3 = load.i64 notrap v1\n"
                                        "    return v3\n"
                                        "}\n"
                                        "; heap: <heap0> size=16, align=8\n"
                                        "; run: %f(<heap0>+4, <heap0>) == 0x102_0000_0000\n",
                                        VERDICT_results);
    const Located *l = x->located;
    check(x, LOCATED_value, l->by, "v3 = load.i64 notrap v1");
    assert_int_not_equal(l->writer, NO_INDEX);
    assert_int_equal(l->sites->at[l->writer].inst.i, 1);
    assert_string_equal(x->steps.at[1].text,
                        "it loads what `store.i64 notrap v2, v0` in %f stored");
}

/* ---- stops -------------------------------------------------------------------------------- */

static void test_fault(void **state)
{
    (void)state;
    begin(plant_far);
    const Explanation *x = explain_text("function %f(i64) -> f32 {\n"
                                        "block0(v0: i64):\n"
                                        "    v1 = iconst.i64 4\n"
                                        "    v2 = iadd v0, v1\n"
                                        "    v3 = load.f32 notrap v2\n"
                                        "    return v3\n"
                                        "}\n"
                                        "; heap: <heap0> size=8, align=8, place=end\n"
                                        "; run: %f(<heap0>) == 0.0\n",
                                        VERDICT_crash);
    check(x, LOCATED_fault, BY_machine, "v3 = load.f32 notrap v2");
    assert_true(x->has_registers && x->code->n > 0);
    assert_int_equal(x->registers_at, x->v->ballots[2].outcome.offset);
}

static void test_trap(void **state)
{
    (void)state;
    begin(plant_other_trap);
    check(explain_text("function %f(i64) -> i64 {\n"
                       "block0(v0: i64):\n"
                       "    v1 = iconst.i64 0\n"
                       "    v2 = uload8.i64 user7 v1\n"
                       "    return v2\n"
                       "}\n"
                       "; traps: %f(0) user7\n",
                       VERDICT_ending),
          LOCATED_trap, BY_machine, "v2 = uload8.i64 user7 v1");
}

/* Three values live across the call, in registers that %f must restore. */
static void test_breach(void **state)
{
    (void)state;
    begin(plant_lost);
    const Explanation *x = explain_text("function %f(i64, i64, i64) -> i64 {\n"
                                        "    sig0 = (i64) -> i64\n"
                                        "    fn0 = %g sig0\n"
                                        "block0(v0: i64, v1: i64, v2: i64):\n"
                                        "    v3 = call fn0(v0)\n"
                                        "    v4 = iadd v3, v0\n"
                                        "    v5 = iadd v4, v1\n"
                                        "    v6 = iadd v5, v2\n"
                                        "    return v6\n"
                                        "}\n"
                                        "; run: %f(5, 6, 7) == 23\n"
                                        "function %g(i64) -> i64 {\n"
                                        "block0(v0: i64):\n"
                                        "    return v0\n"
                                        "}\n",
                                        VERDICT_abi);
    check(x, LOCATED_inst, BY_prefix, "return v6");
    bool restores = false;
    for (uint32_t k = 0; k < x->code->n; k++)
        restores |= strcmp(x->code->at[k].text, "pop rcx") == 0;
    assert_true(restores);
}

static void plant_endless(PassStage *s)
{
    for (uint32_t k = 0; s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        for (uint32_t n = 0; n < f->insts.n; n++)
            if (f->insts.at[n].op == OP_brif) f->insts.at[n].dests[1] = f->insts.at[n].dests[0];
    }
}

/* The loop is not left: that is first seen in the block that is entered once more. */
static void test_hang(void **state)
{
    (void)state;
    begin(plant_endless);
    const Located *l = locate_text("function %f(i64) -> i64 {\n"
                                   "block0(v0: i64):\n"
                                   "    jump block1(v0)\n"
                                   "block1(v1: i64):\n"
                                   "    v2 = iconst.i64 1\n"
                                   "    v3 = isub v1, v2\n"
                                   "    brif v3, block1(v3), block2\n"
                                   "block2:\n"
                                   "    v4 = iconst.i64 9\n"
                                   "    return v4\n"
                                   "}\n"
                                   "; run: %f(3) == 9\n",
                                   VERDICT_hang);
    assert_string_equal(located_what(l->what), "way");
    assert_int_equal(l->block.i, 1);
}

/* ---- what is shown ------------------------------------------------------------------------ */

/* Behind the multiplication that is none the sum is in a register. */
static void test_registers(void **state)
{
    (void)state;
    begin(plant_add);
    const Explanation *x = explain_text(product, VERDICT_results);
    uint32_t holds = 0;
    assert_true(x->has_registers);
    assert_int_equal(x->code_inst.i, x->located->inst.i);
    for (unsigned k = 0; k < 16; k++) holds += x->registers.general[k] == 10;
    assert_true(holds > 0);
}

static void test_steps(void **state)
{
    static const char *const want[] = {"v3 = imul.i64 v2, v0", "v2 = iadd.i64 v0, v1",
                                       "v0 is the run's argument 3", "v1 is the run's argument 4"};
    (void)state;
    begin(plant_add);
    const Explanation *x = explain_text(product, VERDICT_results);
    assert_int_equal(x->steps.n, countof(want));
    for (uint32_t k = 0; k < countof(want); k++) assert_string_equal(x->steps.at[k].text, want[k]);
}

static void test_screen(void **state)
{
    (void)state;
    begin(plant_add);
    const Explanation *x = explain_text(product, VERDICT_results);
    Buf out = {.arena = process};
    Picture p = {.out = &out, .mark = NO_OFFSET};
    explain_write(&p, x);
    assert_non_null(strstr(out.at, "the first wrong value is v3, in %f\n"));
    assert_non_null(strstr(out.at, ">   v3 = imul.i64 v2, v0\n"));
    assert_non_null(strstr(out.at, "interp                 0x0000000000000015\n"));
    assert_non_null(strstr(out.at, "jit:none:sse2:planted  0x00000000000000[0a]\n"));
    assert_non_null(strstr(out.at, "[000000000000000a]")); /* a register */
    assert_null(strchr(out.at, '\033'));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_value),
        TEST(test_vanishing_value),
        TEST(test_visit),
        TEST(test_callee),
        TEST(test_way),
        TEST(test_return),
        TEST(test_late_store),
        TEST(test_writer),
        TEST(test_fault),
        TEST(test_trap),
        TEST(test_breach),
        TEST(test_hang),
        TEST(test_registers),
        TEST(test_steps),
        TEST(test_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
