#include "tests/faults/misdeeds.h"

#include "ir/build.h"
#include "ir/contract.h"
#include "jit/x64/mfunc.h"

/* ---- where -------------------------------------------------------------------------------- */

/* The function that nobody calls, the last of several: where runs begin. */
static uint32_t first_caller(const Module *m)
{
    for (uint32_t k = m->funcs.n; k-- > 0;) {
        bool called = false;
        for (uint32_t n = 0; n < m->funcs.n; n++)
            for (uint32_t r = 0; r < m->funcs.at[n]->refs.n; r++)
                called |= m->funcs.at[n]->refs.at[r].callee == k;
        if (!called) return k;
    }
    return 0;
}

static bool is_chosen(const MisdeedState *s, const Module *m)
{
    if (module_find(m, funcname_text("victim")) != NO_INDEX) return true;
    return s->share && module_inst_count(m) % s->share == 0;
}

/* ---- in IR -------------------------------------------------------------------------------- */

/* Takes the instructions from `at` on out of the block, so that others can be built there; put_back
 * appends them again. */
typedef struct {
    BlockData *bd;
    Inst *at;
    uint32_t n;
} Rest;

static Rest take_rest(Func *f, Block b, uint32_t at)
{
    BlockData *bd = func_block(f, b);
    Rest r = {bd, arena_array(f->arena, Inst, bd->insts.n - at + 1), bd->insts.n - at};
    memcpy(r.at, bd->insts.at + at, r.n * sizeof(Inst));
    bd->insts.n = at;
    return r;
}

static void put_back(Func *f, const Rest *r)
{
    for (uint32_t k = 0; k < r->n; k++) *vec_push(f->arena, &r->bd->insts) = r->at[k];
}

static bool do_endless_loop(Func *f)
{
    Block loop = build_block(f);
    Builder b = builder_at(f, loop);
    build_jump(&b, build_dest(f, loop, NULL, 0));
    func_block(f, func_entry(f))->insts.n = 0;
    b = builder_at(f, func_entry(f));
    build_jump(&b, build_dest(f, loop, NULL, 0));
    return true;
}

static const MemFlags no_trap = {.bits = MEMFLAG_notrap};

static bool do_store_unmapped(Func *f)
{
    Rest rest = take_rest(f, func_entry(f), 0);
    Builder b = builder_at(f, func_entry(f));
    Value at = build_iconst(&b, TY_i64, 0x10000);
    build_store(&b, OP_store, no_trap, at, at, 0);
    put_back(f, &rest);
    return true;
}

/* The first parameter that points into a heap; without contracts, the first that could. */
static Value heap_parameter(const Func *f)
{
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    for (uint32_t k = 0; k < params->n; k++) {
        const Contract *c = func_contract(f, k);
        bool address = f->contracts ? c && !c->fault : func_type(f, params->at[k]) == TY_i64;
        if (address) return params->at[k];
    }
    return VALUE_none;
}

/* Of the page that the heap begins in: its last word when the heap begins in the first half, else
 * its first. Heaps are small and lie at a page's ends or in its middle. */
static bool do_store_arena(Func *f)
{
    Value p = heap_parameter(f);
    if (p.i == NO_INDEX) return false;
    Rest rest = take_rest(f, func_entry(f), 0);
    Builder b = builder_at(f, func_entry(f));
    Value page = build_binary(&b, OP_band, p, build_iconst(&b, TY_i64, -4096));
    Value half = build_binary(&b, OP_ushr, p, build_iconst(&b, TY_i64, 11));
    half = build_binary(&b, OP_band, half, build_iconst(&b, TY_i64, 1));
    Value mask = build_binary(&b, OP_isub, half, build_iconst(&b, TY_i64, 1));
    Value word = build_binary(&b, OP_band, mask, build_iconst(&b, TY_i64, 4088));
    Value at = build_binary(&b, OP_iadd, page, word);
    build_store(&b, OP_store, no_trap, p, at, 0);
    put_back(f, &rest);
    return true;
}

static bool do_recursion(Func *f)
{
    Rest rest = take_rest(f, func_entry(f), 0);
    Builder b = builder_at(f, func_entry(f));
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    build_call(&b, build_ref(f, module_find(f->module, f->name)), params->at, params->n);
    put_back(f, &rest);
    return true;
}

static bool do_jump_null(Func *f)
{
    Rest rest = take_rest(f, func_entry(f), 0);
    Builder b = builder_at(f, func_entry(f));
    SigRef sig = build_sig(f, &(Signature){.conv = f->sig.conv});
    build_call_indirect(&b, sig, build_iconst(&b, TY_i64, 0), NULL, 0);
    put_back(f, &rest);
    return true;
}

static void plant_ir(const MisdeedState *state, PassStage *s, bool (*commit)(Func *))
{
    if (!is_chosen(state, s->module)) return;
    s->changes += commit(s->module->funcs.at[first_caller(s->module)]);
}

/* ---- in machine code ---------------------------------------------------------------------- */

/* Puts instructions in front of each return; returns how many returns there are. */
static uint32_t before_returns(MFunc *m, const MInst *insts, uint32_t n)
{
    uint32_t count = 0;
    for (uint32_t at = 0; at < m->code.n; at++) {
        if (m->code.at[at].form != FORM_ret) continue;
        MInst *code = arena_array(m->arena, MInst, m->code.n + n);
        memcpy(code, m->code.at, at * sizeof *code);
        memcpy(code + at, insts, n * sizeof *code);
        memcpy(code + at + n, m->code.at + at, (m->code.n - at) * sizeof *code);
        m->code = (MCode){.at = code, .n = m->code.n + n, .room = code};
        for (uint32_t b = 0; b < m->blocks.n; b++) {
            if (m->blocks.at[b].first > at) m->blocks.at[b].first += n;
            if (m->blocks.at[b].end > at) m->blocks.at[b].end += n;
        }
        at += n;
        count++;
    }
    return count;
}

static uint32_t do_undefined(MFunc *m)
{
    return before_returns(m, &(MInst){.form = FORM_ud2}, 1);
}

/* The return address is popped, and the word above it. */
static uint32_t do_stack_pointer(MFunc *m)
{
    const MInst insts[] = {
        {.form = FORM_pop, .reg = {{REG_rcx}}},
        {.form = FORM_pop, .reg = {{REG_r11}}},
        {.form = FORM_jmp_rm, .reg = {{REG_rcx}}},
    };
    return before_returns(m, insts, countof(insts));
}

static uint32_t do_saved_register(MFunc *m)
{
    return before_returns(m, &(MInst){.form = FORM_not_64, .reg = {{REG_r12}}}, 1);
}

static void plant_machine(const MisdeedState *state, PassStage *s, uint32_t (*commit)(MFunc *))
{
    if (is_chosen(state, s->module) && s->func == first_caller(s->module))
        s->changes += commit(s->machine);
}

#define MISDEED_legalise(name) \
    static void hook_##name(void *data, PassStage *s) \
    { \
        if (s->after == PASS_legalise) plant_ir(data, s, do_##name); \
    }
#define MISDEED_allocate(name) \
    static void hook_##name(void *data, PassStage *s) \
    { \
        if (s->after == PASS_allocate) plant_machine(data, s, do_##name); \
    }
#define MISDEED(name, stage, outcome, meaning) MISDEED_##stage(name)
#include "tests/faults/misdeeds.def"

const Misdeed misdeeds[] = {
#define MISDEED(name, stage, outcome, meaning) {#name, OUTCOME_##outcome, meaning, hook_##name},
#include "tests/faults/misdeeds.def"
};
const uint32_t misdeeds_n = countof(misdeeds);
