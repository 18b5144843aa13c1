/* Cases around one access of a given alignment and placement, or around one call. */
#include "triage/cell.h"

#include "ir/build.h"

enum { BYTES = 128, OVER = 64, REGION = 5 };

typedef struct {
    Arena *arena;
    Case *c;
    const CensusCell *cell;
    Func *f; /* which accesses */
    Builder b;
    uint16_t align; /* of the address, to which `offset` is added */
    int64_t offset;
    unsigned bytes;
    MemFlags flags;
    uint8_t region; /* number plus 1 */
} Maker;

/* ---- objects ------------------------------------------------------------------------------ */

static void promise(const Maker *m, Contract *c)
{
    *c = (Contract){
        .is_address = true,
        .readonly = m->flags.bits & MEMFLAG_readonly,
        .fault = m->cell->placement == PLACEMENT_fault,
        .region = m->region,
        .align = m->align,
        .range = {0, BYTES},
    };
    if (!c->fault) *vec_push(m->arena, &c->init) = c->range;
}

static Heap *add_heap(Maker *m, HeapPlace place)
{
    Heap *h = vec_push(m->arena, &m->c->heaps);
    *h = (Heap){
        .name = m->c->heaps.n - 1,
        .func = m->c->module->funcs.n - 1,
        .size = BYTES,
        .align = OVER,
        .place = place,
        .fault = m->cell->placement == PLACEMENT_fault,
        .region = m->region,
    };
    return h;
}

/* A function of `n` addresses. */
static Func *add_func(Maker *m, const char *name, uint32_t n)
{
    Signature sig = {.conv = CALLCONV_system_v};
    for (uint32_t k = 0; k < n; k++) vec_push(m->arena, &sig.params)->type = TY_i64;
    Func *f = func_create(m->c->module, funcname_text(name), &sig);
    build_entry(f);
    func_add_contracts(f);
    for (uint32_t k = 0; k < n; k++) promise(m, &f->contracts[k]);
    return f;
}

static Value param(const Func *f, uint32_t k)
{
    return func_block(f, func_entry(f))->params.at[k];
}

/* The last function is run, with a heap for each parameter. */
static void add_run(Maker *m, HeapPlace place)
{
    Run *run = vec_push(m->arena, &m->c->runs);
    run->kind = RUN_PRINT;
    run->func = m->c->module->funcs.n - 1;
    const Func *f = m->c->module->funcs.at[run->func];
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        add_heap(m, place);
        *vec_push(m->arena, &run->args) = (DataValue){.type = TY_i64, .heap = m->c->heaps.n};
    }
}

/* ---- an address of each placement --------------------------------------------------------- */

/* A zero of which nothing is known. */
static Value unknown_number(Maker *m)
{
    Value at = build_stack_addr(&m->b, build_slot(m->f, 8, 8), 0);
    build_store(&m->b, OP_store, (MemFlags){0}, build_iconst(&m->b, TY_i64, 0), at, 0);
    return build_load(&m->b, OP_load, TY_i64, (MemFlags){0}, at, 0);
}

/* What will be read is written, byte by byte. A slot lies at what it asks for and no more, so that
 * an index takes the knowledge away. */
static Value slot_address(Maker *m)
{
    bool unknown = m->cell->alignment == ALIGNMENT_unknown;
    Slot slot = build_slot(m->f, BYTES, unknown ? OVER : m->align);
    Value at = build_stack_addr(&m->b, slot, 0), zero = build_iconst(&m->b, TY_i8, 0);
    for (unsigned k = 0; k < m->bytes; k++)
        build_store(&m->b, OP_store, (MemFlags){0}, zero, at, (int32_t)(m->offset + k));
    return unknown ? build_binary(&m->b, OP_iadd, at, unknown_number(m)) : at;
}

static Value loaded_address(Maker *m)
{
    Contract *outer = &m->f->contracts[0];
    promise(m, outer);
    Cell *cell = vec_push(m->arena, &outer->cells);
    promise(m, &cell->target);
    return build_load(&m->b, OP_load, TY_i64, (MemFlags){0}, param(m->f, 0), 0);
}

static Value chosen_address(Maker *m)
{
    Value c = build_iconst(&m->b, TY_i32, 1);
    return build_ternary(&m->b, OP_select, c, param(m->f, 0), param(m->f, 1));
}

static Value address(Maker *m)
{
    switch (m->cell->placement) {
    case PLACEMENT_slot: return slot_address(m);
    case PLACEMENT_loaded: return loaded_address(m);
    case PLACEMENT_choice: return chosen_address(m);
    case PLACEMENT_null: return build_iconst(&m->b, TY_i64, 0);
    case PLACEMENT_end:
    case PLACEMENT_start:
    case PLACEMENT_any:
    case PLACEMENT_fault:
    case PLACEMENT_parameter:
    case PLACEMENT_COUNT: break;
    }
    return param(m->f, 0);
}

static uint32_t params_of(CensusPlacement p)
{
    return p == PLACEMENT_slot || p == PLACEMENT_null ? 0 : p == PLACEMENT_choice ? 2 : 1;
}

/* ---- the access --------------------------------------------------------------------------- */

static Value add_offset(Maker *m, Value at)
{
    return build_binary(&m->b, OP_iadd, at, build_iconst(&m->b, TY_i64, m->offset));
}

static bool add_access(Maker *m)
{
    Op op = m->cell->op;
    const OpInfo *o = &op_info[op];
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)m->cell->type, .flags = m->flags};
    Value args[4], at = address(m);
    uint32_t n = 0;
    bool offset = strchr(format_operands[o->format], 'o');
    if (offset) i.imm = m->offset;
    else if (m->offset) at = add_offset(m, at);
    if (m->region) i.flags.region = build_region(m->f, REGION);
    for (const char *letter = o->operands; *letter; letter++, n++) {
        args[n] = at;
        if (*letter != 'a' && !cell_constant(&m->b, m->cell->type, &args[n])) return false;
    }
    inst_set_args(m->f, &i, args, n);
    build_inst(&m->b, &i);
    build_return(&m->b, NULL, 0);
    return true;
}

/* Somebody else passes the address on. */
static void add_caller(Maker *m)
{
    Func *caller = add_func(m, "caller", 1);
    Builder b = builder_at(caller, func_entry(caller));
    Value at = param(caller, 0);
    build_call(&b, build_ref(caller, 0), &at, 1);
    build_return(&b, NULL, 0);
}

static void add_cell(Maker *m)
{
    *vec_push(m->arena, &m->c->heaps.at[0].cells) = (HeapCell){.heap = m->c->heaps.n};
    Heap *target = add_heap(m, PLACE_ANY);
    target->func = m->c->heaps.at[0].func;
}

static void set_alignment(Maker *m)
{
    const CensusCell *cell = m->cell;
    static const uint8_t aligns[ALIGNMENT_COUNT] = {
        [ALIGNMENT_unknown] = 1, [ALIGNMENT_skewed] = OVER, [ALIGNMENT_over] = OVER,
    };
    m->bytes = op_access_bytes(cell->op, cell->type);
    m->align = aligns[cell->alignment] ? aligns[cell->alignment] : (uint16_t)m->bytes;
    m->offset = cell->alignment == ALIGNMENT_skewed;
    bool null = cell->placement == PLACEMENT_null; /* a multiple of everything */
    if (null && cell->alignment == ALIGNMENT_aligned) m->offset = m->bytes;
    if (cell->alignment >= ALIGNMENT_aligned) m->flags.bits |= MEMFLAG_aligned;
}

static void set_flags(Maker *m, const CensusFlags *f)
{
    static const TrapCode traps[REPORT_COUNT] = {
        [REPORT_named] = TRAP_int_ovf, [REPORT_user] = 1,
    };
    unsigned bits = f->order;
    if (f->aligned) bits |= MEMFLAG_aligned;
    if (f->readonly) bits |= MEMFLAG_readonly;
    if (f->can_move) bits |= MEMFLAG_can_move;
    if (f->report == REPORT_notrap) bits |= MEMFLAG_notrap;
    m->flags = (MemFlags){.bits = (uint8_t)bits, .trap = traps[f->report]};
    m->region = f->region ? REGION + 1 : 0;
}

/* A flag set stands at an access of i32. */
static Case *make_access(Arena *a, const CensusCell *cell)
{
    static const HeapPlace places[PLACEMENT_COUNT] = {
        [PLACEMENT_end] = PLACE_END, [PLACEMENT_start] = PLACE_START,
    };
    Maker m = {.arena = a, .c = case_create(a), .cell = cell};
    set_alignment(&m);
    if (!m.bytes) return NULL; /* a dynamic vector */
    if (cell->kind == CENSUS_flags) set_flags(&m, &cell->flags);
    m.f = add_func(&m, "cell", params_of(cell->placement));
    m.b = builder_at(m.f, func_entry(m.f));
    if (!add_access(&m)) return NULL;
    if (cell->placement == PLACEMENT_parameter) add_caller(&m);
    add_run(&m, places[cell->placement]);
    if (cell->placement == PLACEMENT_loaded) add_cell(&m);
    module_link(m.c->module);
    return m.c;
}

Case *cell_access(Arena *a, const CensusCell *cell)
{
    CensusCell at = *cell;
    if (cell->kind == CENSUS_flags) {
        at.op = cell->flags.store ? OP_store : OP_load;
        at.type = TY_i32;
        at.alignment = ALIGNMENT_natural;
        at.placement = PLACEMENT_any;
    }
    return make_access(a, &at);
}

/* ---- conventions -------------------------------------------------------------------------- */

static const struct {
    uint8_t purpose, extension;
} purposes[] = {
#define PURPOSE(name, purpose, extension) {PURPOSE_##purpose, EXTENSION_##extension},
#include "triage/census.def"
};

enum { STRUCTURE_BYTES = 16 };

static AbiParam abi_param(CensusPurpose p)
{
    return (AbiParam){
        .type = purposes[p].extension ? TY_i32 : TY_i64,
        .purpose = purposes[p].purpose,
        .extension = purposes[p].extension,
        .bytes = p == CENSUS_PURPOSE_sarg ? STRUCTURE_BYTES : 0,
    };
}

/* The callee knows what it gets. */
static void promise_structure(Func *callee)
{
    func_add_contracts(callee);
    Contract *c = &callee->contracts[0];
    *c = (Contract){.is_address = true, .align = 1, .range = {0, STRUCTURE_BYTES}};
    *vec_push(callee->arena, &c->init) = c->range;
}

static Value structure(Builder *b)
{
    Value at = build_stack_addr(b, build_slot(b->f, STRUCTURE_BYTES, 8), 0);
    Value zero = build_iconst(b, TY_i64, 0);
    for (int32_t k = 0; k < STRUCTURE_BYTES; k += 8)
        build_store(b, OP_store, (MemFlags){0}, zero, at, k);
    return at;
}

/* Gives what it is asked for, if anything. */
static uint32_t add_callee(Case *c, const CensusCell *cell, AbiParam p)
{
    Signature sig = {.conv = cell->conv};
    *vec_push(c->arena, cell->result ? &sig.returns : &sig.params) = p;
    Func *callee = func_create(c->module, funcname_text("callee"), &sig);
    Builder b = builder_at(callee, build_entry(callee));
    Value one = build_iconst(&b, (Type)p.type, 1);
    build_return(&b, &one, sig.returns.n);
    if (sig.params.n && cell->purpose == CENSUS_PURPOSE_sarg) promise_structure(callee);
    return sig.params.n;
}

/* A function that is given a number or a structure, or returns a number, and one that calls it. */
Case *cell_convention(Arena *a, const CensusCell *cell)
{
    Case *c = case_create(a);
    AbiParam p = abi_param(cell->purpose);
    uint32_t nargs = add_callee(c, cell, p);
    const Signature sig = {.conv = CALLCONV_system_v};
    Func *f = func_create(c->module, funcname_text("cell"), &sig);
    Builder b = builder_at(f, build_entry(f));
    bool points = nargs && cell->purpose == CENSUS_PURPOSE_sarg;
    Value arg = points ? structure(&b) : build_iconst(&b, (Type)p.type, 1);
    build_call(&b, build_ref(f, 0), &arg, nargs);
    build_return(&b, NULL, 0);
    *vec_push(a, &c->runs) = (Run){.kind = RUN_PRINT, .func = 1};
    module_link(c->module);
    return c;
}
