#include "triage/cell.h"

#include "triage/census_local.h"

enum { HEAP_BYTES = 128, CELL_AT = 64 };

/* An operand, or the argument of a call, a return or a branch. */
typedef struct {
    Type type;
    CensusSource source;
    bool address;
} Need;

typedef struct {
    Arena *arena;
    Case *c;
    Func *f;
    Builder b;
    const CensusCell *cell;
    bool discipline;
    Op op;
    Type control;
    VEC(Need) needs;
    VEC(Value) values;
    Value heap; /* its address, when something needs one */
} Maker;

/* ---- types -------------------------------------------------------------------------------- */

/* A type that the letter accepts; TY_none when there is none. */
static Type operand_type(char letter, Type control)
{
    Type t = rule_result(letter, control);
    if (t != TY_none) return t;
    static const Type preferred[] = {TY_i32, TY_i8, TY_i64, TY_f32, TY_f64, TY_i16, TY_i16x8,
                                     TY_i8x16};
    for (size_t k = 0; k < countof(preferred); k++)
        if (rule_accepts(letter, control, preferred[k])) return preferred[k];
    for (t = 1; t < TYPE_COUNT; t++)
        if (rule_accepts(letter, control, t) && t != control) return t;
    return rule_accepts(letter, control, control) ? control : TY_none;
}

/* A controlling type for an operand that does not follow from it. */
static Type any_control(Op op)
{
    static const Type preferred[] = {TY_i32, TY_i64, TY_i8x16, TY_f32};
    const TypeMask *set = typeset_members(op_info[op].types);
    for (size_t k = 0; k < countof(preferred); k++)
        if (mask_has(set, preferred[k])) return preferred[k];
    return mask_single(set);
}

/* ---- what is needed ----------------------------------------------------------------------- */

/* The first operand of the cell's role is as the cell says, the others are parameters. */
static bool add_need(Maker *m, CensusRole role, Type type, bool address)
{
    const CensusCell *cell = m->cell;
    Need need = {type, SOURCE_register, address};
    bool seen = false;
    for (uint32_t k = 0; k < m->needs.n; k++) seen |= census_role(m->op, k) == role;
    if (role == cell->role && !seen) {
        need.source = cell->source;
        if (role != ROLE_operand) need.type = cell->type;
        else if (cell->other != TY_none) need.type = cell->other;
    }
    if (type_is_dynamic(need.type)) need.source = SOURCE_load;
    *vec_push(m->arena, &m->needs) = need;
    return need.type != TY_none;
}

static bool has_letter(Op op, const char *letters)
{
    return strpbrk(format_operands[op_info[op].format], letters) != NULL;
}

static bool is_tail_call(Op op) { return op_has(op, EFFECT_K) && op_has(op, EFFECT_R); }

static bool add_needs(Maker *m)
{
    const OpInfo *o = &op_info[m->op];
    bool wants = m->cell->role == ROLE_argument;
    for (const char *letter = o->operands; *letter && *letter != '*'; letter++) {
        CensusRole role = census_role(m->op, m->needs.n);
        if (!add_need(m, role, operand_type(*letter, m->control), *letter == 'a')) return false;
    }
    if (wants || (has_letter(m->op, "*") && op_has(m->op, EFFECT_K)))
        add_need(m, ROLE_argument, TY_i64, false);
    return true;
}

static bool is_param(const Need *n)
{
    return n->source == SOURCE_register && !n->address;
}

/* The address of a function, not of data. */
static bool is_callee(const Maker *m, const Need *n)
{
    return n->address && op_has(m->op, EFFECT_K);
}

/* What symbol_value of a type other than an address's is loaded through. */
static bool needs_vmctx(const Maker *m)
{
    return has_letter(m->op, "g") && m->control != TY_i64;
}

static bool needs_heap(const Maker *m)
{
    if (needs_vmctx(m)) return true;
    for (uint32_t k = 0; k < m->needs.n; k++) {
        const Need *n = &m->needs.at[k];
        if (!is_callee(m, n) && (n->source == SOURCE_load || n->address)) return true;
    }
    return false;
}

/* An address comes from memory. */
static bool needs_cell(const Maker *m)
{
    for (uint32_t k = 0; k < m->needs.n; k++)
        if (m->needs.at[k].source == SOURCE_load && m->needs.at[k].address &&
            !is_callee(m, &m->needs.at[k]))
            return true;
    return false;
}

/* ---- signatures --------------------------------------------------------------------------- */

/* That of the last need, when it is an argument; else that of what is called for its address. */
static Type argument_type(const Maker *m)
{
    uint32_t n = m->needs.n;
    bool argument = n && census_role(m->op, n - 1) == ROLE_argument;
    return argument ? vec_last(&m->needs).type : TY_i64;
}

/* Whether the result is an address that differs from one back end to the other. */
static bool gives_place(const Maker *m)
{
    if (op_has(m->op, EFFECT_K)) return false;
    return has_letter(m->op, "FlBD") || (has_letter(m->op, "g") && m->control == TY_i64);
}

/* The results are returned; of an address its difference to itself, or nothing. */
static bool add_returns(Maker *m, Signature *sig)
{
    const OpInfo *o = &op_info[m->op];
    bool gives = op_has(m->op, EFFECT_R) && m->needs.n;
    if (gives) vec_push(m->arena, &sig->returns)->type = (uint8_t)argument_type(m);
    if (o->results[0] == '*' || (m->discipline && gives_place(m))) return true;
    InstData probe = {.op = (uint8_t)m->op, .type = (uint8_t)m->control};
    Type types[8];
    uint32_t n = inst_result_types(NULL, &probe, types, 8);
    for (uint32_t k = 0; k < n; k++) {
        if (types[k] == TY_none) return false;
        vec_push(m->arena, &sig->returns)->type = (uint8_t)types[k];
    }
    return true;
}

/* Who is called returns what it was given. */
static void add_callee(Maker *m, CallConv conv)
{
    Signature sig = {.conv = conv};
    vec_push(m->arena, &sig.params)->type = (uint8_t)argument_type(m);
    vec_push(m->arena, &sig.returns)->type = (uint8_t)argument_type(m);
    Func *f = func_create(m->c->module, funcname_text("callee"), &sig);
    Builder b = builder_at(f, build_entry(f));
    build_return(&b, &func_block(f, b.at)->params.at[0], 1);
}

/* ---- operands ----------------------------------------------------------------------------- */

static Op literal_op(Type type)
{
    for (Op op = 0; op < OP_COUNT; op++) {
        const OpInfo *o = &op_info[op];
        const char *letters = format_operands[o->format];
        bool literal = !o->operands[0] && *letters && strchr("ihfdk", *letters);
        if (literal && mask_has(typeset_members(o->types), type)) return op;
    }
    return OP_COUNT;
}

static uint32_t zeros(Func *f, unsigned n)
{
    return build_constant(f, arena_alloc(f->arena, n), n).i;
}

bool cell_constant(Builder *b, Type type, Value *out)
{
    Op op = literal_op(type);
    if (type == TY_i128) {
        *out = build_unary(b, OP_uextend, TY_i128, build_iconst(b, TY_i64, 1));
        return true;
    }
    if (op == OP_COUNT) return false;
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)type};
    if (op_info[op].format == FORMAT_unary_imm) i.imm = 1;
    if (op_info[op].format == FORMAT_unary_const)
        i.entity = zeros(b->f, type_bytes(type));
    *out = func_inst(b->f, build_inst(b, &i))->result;
    return true;
}

static uint32_t add_global(Maker *m, GlobalValueData g)
{
    uint32_t k = m->f->globals.n;
    g.name = k;
    *vec_push(m->arena, &m->f->globals) = g;
    return k;
}

/* A dynamic vector and a slot of it. */
static void add_dynamic(Maker *m)
{
    GlobalValueData scale = {.kind = GLOBAL_dyn_scale, .type = TY_i32x4};
    *vec_push(m->arena, &m->f->dyn_types) =
        (DynTypeData){.base = TY_i32x4, .global = add_global(m, scale)};
    vec_push(m->arena, &m->f->dyn_slots);
}

/* The callee's address, perhaps by way of a slot. */
static Value add_callee_address(Maker *m, const Need *n)
{
    Builder *b = &m->b;
    Value v = build_func_addr(b, build_ref(m->f, 0));
    if (n->source != SOURCE_load) return v;
    Value at = build_stack_addr(b, build_slot(m->f, 8, 8), 0);
    build_store(b, OP_store, (MemFlags){0}, v, at, 0);
    return build_load(b, OP_load, TY_i64, (MemFlags){0}, at, 0);
}

static bool add_value(Maker *m, const Need *n, uint32_t *param)
{
    Builder *b = &m->b;
    Value *out = vec_push(m->arena, &m->values);
    if (is_param(n)) *out = func_block(m->f, b->at)->params.at[(*param)++];
    else if (is_callee(m, n) && n->source != SOURCE_constant) *out = add_callee_address(m, n);
    else if (n->source == SOURCE_load)
        *out = build_load(b, OP_load, n->type, (MemFlags){0}, m->heap, n->address ? CELL_AT : 0);
    else if (n->source == SOURCE_constant && n->address) *out = build_iconst(b, TY_i64, 0);
    else if (n->source == SOURCE_constant) return cell_constant(b, n->type, out);
    else *out = m->heap;
    return true;
}

/* ---- what an instruction names ------------------------------------------------------------ */

static void leave(Maker *m, Block block)
{
    Builder b = builder_at(m->f, block);
    if (m->f->sig.returns.n) build_trap(&b, 1);
    else build_return(&b, NULL, 0);
}

/* Whether the argument goes to a block. */
static bool branches_with(const Maker *m)
{
    return m->cell->role == ROLE_argument && !has_letter(m->op, "*");
}

/* A block that leaves; the argument goes to the first one. */
static void add_way(Maker *m, InstData *i)
{
    BlockCall *ways = arena_array(m->arena, BlockCall, 3);
    Block block = build_block(m->f);
    bool takes = branches_with(m) && i->ndests == 0;
    if (takes) build_param(m->f, block, argument_type(m));
    leave(m, block);
    if (i->ndests) memcpy(ways, i->dests, i->ndests * sizeof *ways);
    i->dests = ways;
    ways[i->ndests++] = build_dest(m->f, block, takes ? &vec_last(&m->values) : NULL, takes);
}

/* The callee's signature in a new exception table, without handlers. */
static int64_t add_table(Maker *m)
{
    *vec_push(m->arena, &m->f->tables) =
        (ExceptionTable){.sig = build_sig(m->f, &m->c->module->funcs.at[0]->sig)};
    return m->f->tables.n - 1;
}

static void add_try(Maker *m, InstData *i)
{
    i->imm = add_table(m);
    if (op_info[i->op].indirect) i->entity = func_table(m->f, i)->sig.i;
    add_way(m, i);
}

/* A block with a handler. */
static Block add_try_block(Maker *m)
{
    Block block = build_block(m->f);
    Builder b = builder_at(m->f, block);
    Value one = build_iconst(&b, TY_i64, 1);
    InstData i = {.op = OP_try_call, .imm = add_table(m)};
    vec_push(m->arena, &func_table(m->f, &i)->handlers)->kind = HANDLER_default;
    for (int k = 0; k < 2; k++) add_way(m, &i);
    i.entity = build_ref(m->f, 0).i;
    inst_set_args(m->f, &i, &one, 1);
    build_inst(&b, &i);
    return block;
}

/* The callee's address, or what the vmctx points to. */
static uint32_t add_value_of_place(Maker *m)
{
    GlobalValueData symbol = {.kind = GLOBAL_symbol, .tls = m->op == OP_tls_value,
                              .symbol = funcname_text("callee")};
    if (!needs_vmctx(m)) return add_global(m, symbol);
    uint32_t vmctx = add_global(m, (GlobalValueData){.kind = GLOBAL_vmctx});
    return add_global(m, (GlobalValueData){.kind = GLOBAL_load, .base = vmctx,
                                           .type = (uint8_t)m->control,
                                           .flags.bits = MEMFLAG_notrap | MEMFLAG_aligned});
}

/* Fills the immediates, entities and ways that the format's letters ask for. */
static void fill_operand(Maker *m, InstData *i, char letter)
{
    Func *f = m->f;
    switch (letter) {
    case 'k': i->entity = zeros(f, type_bytes((Type)i->type)); break;
    case 's': i->entity = zeros(f, 16); break;
    case 't': i->trap = 1; break;
    case 'm': i->flags.bits = op_has((Op)i->op, EFFECT_P) ? MEMFLAG_little : 0; break;
    case 'l': i->entity = build_slot(f, 16, 16).i; break;
    case 'F': i->entity = build_ref(f, 0).i; break;
    case 'S': i->entity = build_sig(f, &m->c->module->funcs.at[0]->sig).i; break;
    case 'B': i->entity = add_try_block(m).i; break;
    case 'g': i->entity = add_value_of_place(m); break;
    case 'e': add_try(m, i); break;
    case 'b':
    case 'j': add_way(m, i); break;
    default: break;
    }
}

/* ---- the function ------------------------------------------------------------------------- */

/* Goes to the block when the value is not 0. */
static void go_on(Maker *m, Value c, Block block)
{
    Block next = build_block(m->f);
    build_brif(&m->b, c, (BlockCall){.block = block}, (BlockCall){.block = next});
    m->b.at = next;
}

/* The instruction, and a return of its results when it ends nothing. */
static bool build_body(Maker *m)
{
    uint32_t param = needs_heap(m);
    for (uint32_t k = 0; k < m->needs.n; k++)
        if (!add_value(m, &m->needs.at[k], &param)) return false;
    InstData i = {.op = (uint8_t)m->op, .type = (uint8_t)m->control};
    for (const char *letter = format_operands[op_info[m->op].format]; *letter; letter++)
        fill_operand(m, &i, *letter);
    inst_set_args(m->f, &i, m->values.at, m->values.n - branches_with(m));
    Inst inst = build_inst(&m->b, &i);
    if (op_has(m->op, EFFECT_T)) return true;
    const InstData *d = func_inst(m->f, inst);
    Block named = {d->entity};
    Value results[8];
    uint32_t n = 0;
    for (; n < m->f->sig.returns.n; n++) results[n] = inst_result(d, n);
    if (n && gives_place(m)) results[0] = build_binary(&m->b, OP_isub, results[0], results[0]);
    if (has_letter(m->op, "B")) {
        Value zero = n ? results[0] : build_iconst(&m->b, TY_i64, 0);
        go_on(m, zero, named);
    }
    build_return(&m->b, results, n);
    return true;
}

static void add_heap(Maker *m, const Run *run)
{
    *vec_push(m->arena, &m->c->heaps) =
        (Heap){.name = m->c->heaps.n, .func = run->func, .size = HEAP_BYTES, .align = 64};
}

static void promise(Maker *m, Contract *c)
{
    *c = (Contract){.is_address = true, .align = 64, .range = {0, HEAP_BYTES}};
    *vec_push(m->arena, &c->init) = c->range;
}

/* The first parameter is a heap's address; a second heap is what its cell points to. */
static void add_heaps(Maker *m, Run *run)
{
    run->args.at[0].heap = 1;
    add_heap(m, run);
    func_add_contracts(m->f);
    promise(m, &m->f->contracts[0]);
    if (!needs_cell(m)) return;
    add_heap(m, run);
    *vec_push(m->arena, &m->c->heaps.at[0].cells) = (HeapCell){.offset = CELL_AT, .heap = 1};
    Cell *cell = vec_push(m->arena, &m->f->contracts[0].cells);
    cell->offset = CELL_AT;
    promise(m, &cell->target);
}

static void add_run(Maker *m)
{
    Run *run = vec_push(m->arena, &m->c->runs);
    run->kind = RUN_PRINT;
    run->func = m->c->module->funcs.n - 1;
    const Signature *sig = &m->f->sig;
    for (uint32_t k = 0; k < sig->params.n; k++) {
        DataValue *v = vec_push(m->arena, &run->args);
        v->type = (Type)sig->params.at[k].type;
        v->bits = bits_of(1);
    }
    if (needs_heap(m)) add_heaps(m, run);
}

static bool is_dynamic(const Maker *m)
{
    bool any = type_is_dynamic(m->control) || has_letter(m->op, "D");
    for (uint32_t k = 0; k < m->needs.n; k++) any |= type_is_dynamic(m->needs.at[k].type);
    return any;
}

static bool begin_func(Maker *m)
{
    Signature sig = {.conv = is_tail_call(m->op) ? CALLCONV_tail : CALLCONV_system_v};
    if (!add_needs(m) || !add_returns(m, &sig)) return false;
    add_callee(m, sig.conv);
    Purpose purpose = needs_vmctx(m) ? PURPOSE_vmctx : PURPOSE_normal;
    if (needs_heap(m))
        *vec_push(m->arena, &sig.params) = (AbiParam){.type = TY_i64, .purpose = (uint8_t)purpose};
    for (uint32_t k = 0; k < m->needs.n; k++)
        if (is_param(&m->needs.at[k]))
            vec_push(m->arena, &sig.params)->type = (uint8_t)m->needs.at[k].type;
    m->f = func_create(m->c->module, funcname_text("cell"), &sig);
    if (is_dynamic(m)) add_dynamic(m);
    m->b = builder_at(m->f, build_entry(m->f));
    if (needs_heap(m)) m->heap = func_block(m->f, m->b.at)->params.at[0];
    return true;
}

static Case *make_operand(Arena *a, const CensusCell *cell, bool discipline, const char **reason)
{
    Maker m = {
        .arena = a, .c = case_create(a), .cell = cell, .discipline = discipline, .op = cell->op,
        .control = cell->role == ROLE_operand ? cell->type : any_control(cell->op),
    };
    *reason = "no operand type fits";
    if (!begin_func(&m) || !build_body(&m)) return NULL;
    add_run(&m);
    module_link(m.c->module);
    return m.c;
}

Case *cell_make(Arena *a, Op op, Type type, const char **reason)
{
    if (op_info[op].types == SET_DYN) type = TY_i32x4xN;
    CensusCell cell = {.op = op, .type = type, .source = SOURCE_register};
    return make_operand(a, &cell, false, reason);
}

Case *cell_for(Arena *a, const CensusCell *cell, const char **reason)
{
    Case *c = cell->kind == CENSUS_operand      ? make_operand(a, cell, true, reason)
              : cell->kind == CENSUS_convention ? cell_convention(a, cell)
                                                : cell_access(a, cell);
    if (c) c->discipline = true;
    return c;
}
