#include "jit/jit.h"

#include "ir/cfg.h"
#include "ir/verify.h"
#include "jit/split.h"
#include "jit/x64/abi.h"
#include "jit/x64/allocate.h"
#include "jit/x64/emit.h"
#include "jit/x64/entry.h"
#include "jit/x64/lower.h"
#include "jit/x64/rule.h"

#include <string.h>

struct Jit {
    Arena *arena;
    ArenaMark empty; /* everything above belongs to the last compilation */
    RuleTable rules; /* for the features of the last compilation */
    const Module *module; /* of the last compilation, as are those below */
    CodeMem *memory;
    bool pinned;          /* it uses the pinned register */
    const void **entries; /* by function, NULL: not made yet */
};

Jit *jit_create(void)
{
    form_init();
    rule_init();
    Arena *a = arena_create();
    Jit *jit = arena_new(a, Jit);
    jit->arena = a;
    jit->empty = arena_mark(a);
    return jit;
}

void jit_destroy(Jit *jit)
{
    arena_destroy(jit->arena);
}

const char *pass_name(Pass pass)
{
    static const char *const names[PASS_COUNT] = {
#define PASS(name, requires, breaks) [PASS_##name] = #name,
#include "jit/passes.def"
    };
    return names[pass];
}

/* One compilation. */
typedef struct {
    Arena *arena;
    const Module *given;
    Module *module; /* what is compiled: what was given, or a copy */
    const JitOptions *options;
    const RuleTable *rules;
    SplitOrigins *origins; /* by function; NULL: nothing was split */
    CodeMem *memory;
    uint8_t *start; /* writable view of the code */
    Pool pool;
    Emitter emitter;
    bool pinned; /* the module uses the pinned register */
    bool again;  /* that was found out when some functions were compiled as if it did not */
    uint32_t changes;
    const char *refused;
} Compile;

/* What a hook changed that did not ask for fuel. */
static void charge(const PassStage *stage)
{
    Rewrite r = rewrite_of_hook(stage->after);
    for (uint32_t k = 0; k < stage->changes; k++)
        fuel_take(stage->fuel, r, NULL, stage->func, INST_none);
}

static void show(Compile *c, PassStage stage)
{
    if (!c->options->hook) return;
    stage.name = pass_name(stage.after);
    stage.module = c->module;
    stage.fuel = c->options->fuel;
    if (!fuel_left(stage.fuel, stage.after)) return;
    uint32_t before = stage.fuel ? stage.fuel->applied[stage.after] : 0;
    c->options->hook(c->options->hook_data, &stage);
    c->changes += stage.changes;
    if (stage.fuel && stage.fuel->applied[stage.after] == before) charge(&stage);
}

/* -- verify ------------------------------------------------------------------------------------ */

static void verify(Compile *c)
{
    check_context.pass = pass_name(PASS_verify);
    if (!c->options->verify) return;
    Diag d = {.arena = c->arena};
    if (module_verify(c->module, VERIFY_STRUCTURE, c->arena, &d)) return;
    diag_print(&d, stderr);
    bug("the JIT was given, or made, a module that does not verify");
}

/* -- legalise ---------------------------------------------------------------------------------- */

/* Whether any instruction of the block names a block that nothing leads to. */
static bool names_lost_block(const Func *f, const Cfg *c, Block b)
{
    const BlockData *bd = func_block(f, b);
    for (uint32_t k = 0; k < bd->insts.n; k++) {
        const InstData *i = func_inst(f, bd->insts.at[k]);
        bool names = strchr(format_operands[inst_op(i)->format], 'B') != NULL;
        if (names && !cfg_is_reachable(c, (Block){i->entity})) return true;
    }
    return false;
}

/* There is no code for a handler that cannot be reached, and so no address. */
static bool names_lost_handler(const Func *f, Arena *a)
{
    if (!f->tables.n) return false;
    const Cfg *c = cfg_compute(f, a);
    for (uint32_t k = 0; k < c->norder; k++)
        if (names_lost_block(f, c, c->order[k])) return true;
    return false;
}

/* What no pass is made for. */
static const char *refusal(const Module *m, Arena *a)
{
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        const Func *f = m->funcs.at[k];
        if (f->has_dynamic || f->dyn_types.n) return "dynamic vectors";
        if (names_lost_handler(f, a))
            return "the address of a handler in a block that nothing leads to";
    }
    return NULL;
}

/* What registers hold and lowering has rows for needs no change; what is changed is a copy, and the
 * pass hook gets one of its own. */
static bool legalise(Compile *c)
{
    check_context.pass = pass_name(PASS_legalise);
    c->refused = refusal(c->given, c->arena);
    if (c->refused) return false;
    bool wide = split_is_needed(c->given);
    if (wide || c->options->hook) c->module = module_clone(c->given, c->arena);
    if (wide) {
        c->origins = arena_array(c->arena, SplitOrigins, c->given->funcs.n);
        bool cmpxchg16b = c->options->features >> FEATURE_CX16 & 1;
        if (!split_module(c->module, cmpxchg16b, c->origins, &c->refused)) return false;
        verify(c);
    }
    show(c, (PassStage){.after = PASS_legalise});
    return true;
}

/* -- lower, allocate, emit --------------------------------------------------------------------- */

static void start_code(Compile *c)
{
    c->start = codemem_next(c->memory, 16);
    size_t room = codemem_room(c->memory), reserved = 0;
    for (uint32_t k = 0; k < c->module->funcs.n; k++)
        reserved += entry_room(&c->module->funcs.at[k]->sig);
    emit_start(&c->emitter, c->arena, &c->pool, c->module->funcs.n, c->start,
               room > reserved ? room - reserved : 0, c->options->trap_exit);
    c->emitter.wants_lines = c->options->wants_lines;
    c->emitter.fuel = c->options->fuel;
}

static bool compile_func(Compile *c, uint32_t k)
{
    LowerRequest q = {
        .f = c->module->funcs.at[k],
        .index = k,
        .rules = c->rules,
        .pool = &c->pool,
        .arena = c->arena,
        .fuel = c->options->fuel,
    };
    check_context.pass = pass_name(PASS_lower);
    MFunc *m = lower_func(&q, &c->refused);
    if (!m) return false;
    if (unlikely(m->pinned && !c->pinned)) {
        c->again = c->pinned = true;
        return false;
    }
    show(c, (PassStage){.after = PASS_lower, .func = k, .machine = m});
    check_context.pass = pass_name(PASS_allocate);
    RegSet pinned = c->pinned ? (RegSet)1 << ABI_PINNED_REG.i : 0;
    allocate_func(m, c->options->avoided | pinned, c->options->fuel);
    show(c, (PassStage){.after = PASS_allocate, .func = k, .machine = m});
    check_context.pass = pass_name(PASS_emit);
    emit_func(&c->emitter, m);
    return true;
}

static bool finish_code(Compile *c)
{
    uintptr_t address = (uintptr_t)codemem_exec_of(c->memory, c->start);
    if (!emit_finish(&c->emitter, address)) {
        c->refused = "the code does not fit into its memory";
        return false;
    }
    show(c, (PassStage){
        .after = PASS_emit,
        .code = c->start,
        .code_size = enc_offset(&c->emitter.enc),
    });
    return true;
}

static bool compile_funcs(Compile *c)
{
    c->again = false;
    c->pool.entries.n = 0;
    fuel_restart(c->options->fuel, PASS_lower);
    start_code(c);
    for (uint32_t k = 0; k < c->module->funcs.n; k++)
        if (!compile_func(c, k)) return c->again && compile_funcs(c);
    return finish_code(c);
}

/* -- publish ----------------------------------------------------------------------------------- */

/* Lines are those of the module that was given. */
static void restore_lines(Compile *c)
{
    for (uint32_t k = 0; c->origins && k < c->emitter.lines.n; k++) {
        JitLine *line = &c->emitter.lines.at[k];
        if (line->func != NO_INDEX)
            line->inst = split_origin(&c->origins[line->func], line->inst);
    }
}

static void restore_rewrites(Compile *c)
{
    Fuel *f = c->options->fuel;
    for (unsigned p = 0; c->origins && f && p < PASS_COUNT; p++) {
        FuelRewrite *last = &f->last[p];
        if (f->applied[p]) last->inst = split_origin(&c->origins[last->func], last->inst);
    }
}

static void publish(Compile *c, JitCode *code)
{
    check_context.pass = pass_name(PASS_publish);
    restore_lines(c);
    restore_rewrites(c);
    const Emitter *e = &c->emitter;
    uint32_t n = e->nfuncs;
    const uint8_t *exec = codemem_exec_of(c->memory, c->start);
    const void **funcs = arena_array(c->arena, const void *, n);
    for (uint32_t k = 0; k < n; k++) funcs[k] = exec + emit_func_offset(e, k);
    codemem_add(c->memory, enc_offset(&e->enc));
    *code = (JitCode){
        .nfuncs = n,
        .funcs = funcs,
        .start = (uintptr_t)exec,
        .size = enc_offset(&e->enc),
        .traps = e->traps.at,
        .ntraps = e->traps.n,
        .lines = e->lines.at,
        .nlines = e->lines.n,
        .stats = e->stats,
        .changes = c->changes,
        .module = c->module,
    };
    code->stats.ir_insts = module_inst_count(c->given);
}

bool jit_compile(Jit *jit, const Module *m, const JitOptions *options, CodeMem *memory,
                 JitCode *code, const char **refused)
{
    arena_release(jit->arena, jit->empty);
    rule_table_fill(&jit->rules, options->features);
    Compile c = {
        .arena = jit->arena,
        .given = m,
        .module = (Module *)m, /* changed only when it is a copy */
        .options = options,
        .rules = &jit->rules,
        .memory = memory,
        .pool.arena = jit->arena,
    };
    fuel_restart(options->fuel, PASS_verify);
    verify(&c);
    if (!legalise(&c) || !compile_funcs(&c)) {
        *refused = c.refused;
        return false;
    }
    publish(&c, code);
    jit->module = c.module;
    jit->memory = memory;
    jit->pinned = c.pinned;
    jit->entries = arena_array(jit->arena, const void *, m->funcs.n);
    check_context.pass = NULL;
    return true;
}

/* -- Entries ----------------------------------------------------------------------------------- */

static const void *make_entry(Jit *jit, JitCode *code, uint32_t func)
{
    uint8_t *start = codemem_next(jit->memory, 16);
    const uint8_t *exec = codemem_exec_of(jit->memory, start);
    EntryOptions options = {
        .callee = (uint32_t)((uintptr_t)code->funcs[func] - (uintptr_t)exec),
        .vex = jit->rules.features >> FEATURE_AVX & 1,
        .pinned = jit->pinned,
    };
    uint32_t size = entry_write(jit->arena, &jit->module->funcs.at[func]->sig, start,
                                codemem_room(jit->memory), &options);
    codemem_add(jit->memory, size);
    code->size = (uintptr_t)exec + size - code->start;
    return exec;
}

const void *jit_entry(Jit *jit, JitCode *code, uint32_t func)
{
    CHECK(func < code->nfuncs);
    if (!jit->entries[func]) jit->entries[func] = make_entry(jit, code, func);
    return jit->entries[func];
}

/* -- Questions --------------------------------------------------------------------------------- */

TrapCode jit_trap_at(const JitCode *code, uintptr_t pc)
{
    uint32_t low = 0, high = code->ntraps;
    uintptr_t offset = pc - code->start;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (code->traps[mid].offset < offset) low = mid + 1;
        else high = mid;
    }
    return low < code->ntraps && code->traps[low].offset == offset ? code->traps[low].code
                                                                   : TRAP_none;
}

const JitLine *jit_line_at(const JitCode *code, uintptr_t pc)
{
    uintptr_t offset = pc - code->start;
    uint32_t low = 0, high = code->nlines;
    if (offset >= code->size) return NULL;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (code->lines[mid].offset <= offset) low = mid + 1;
        else high = mid;
    }
    return low ? &code->lines[low - 1] : NULL;
}

bool jit_supports(Op op, Type type, FeatureSet features, const char **reason)
{
    form_init();
    rule_init();
    bool known = type == TY_i128 ? split_has_rule(op, features >> FEATURE_CX16 & 1)
                                 : rule_exists(op, type, features);
    *reason = known ? NULL : "no lowering rule";
    return known;
}
